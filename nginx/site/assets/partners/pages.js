// Lists that are asked for by pages, of what the reader has chosen.

import { get } from '../api.js';
import { el } from '../dom.js';
import { part, pressed } from '../part.js';
import { empty } from '../tables.js';

/** What `path()` answers, also where the reader chose something else meanwhile. */
export async function getChosen(path) {
  for (;;) {
    const asked = path();
    const answer = await get(asked);
    if (asked === path()) return answer;
  }
}

/**
 * A part that lists in `place` what `path()` answers, `items(answer)` each as `row(item)`, and where there are none the
 * sentence `nothing()`.
 */
export function pages(place, path, { items, row, nothing }) {
  return part(place, () => getChosen(path), (answer) => {
    if (items(answer).length === 0) return empty(nothing());
    const asked = path();
    const list = el('ul', { class: 'plain ruled' }, items(answer).map(row));
    let cursor = answer.nextCursor;
    const more = pressed('Show more', async () => {
      const next = await get(`${asked}&cursor=${encodeURIComponent(cursor)}`);
      const rows = items(next).map(row);
      list.append(...rows);
      cursor = next.nextCursor;
      if (cursor !== null) return;
      more.remove();
      rows[0]?.setAttribute('tabindex', '-1');
      rows[0]?.focus();
    });
    return [list, cursor !== null && more];
  });
}
