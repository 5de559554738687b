// Sentences at the top of the page, read out as they appear.

import { byId, el } from './dom.js';

/**
 * Shows a notice and answers a handle: `say(text, kind)` changes it, `remove()` takes it away.
 * `kind` is good, warn, bad or empty.
 */
export function notice(text, kind = '') {
  const words = el('p', {}, text);
  const close = el('button', { type: 'button', class: 'icon-button', 'aria-label': 'Dismiss' }, '✕');
  const box = el('div', { class: `notice ${kind}` }, words, close);
  close.addEventListener('click', () => box.remove());
  byId('notices').append(box);
  return {
    say(next, nextKind = kind) {
      words.textContent = next;
      box.className = `notice ${nextKind}`;
    },
    remove: () => box.remove(),
  };
}

export function clearNotices() {
  byId('notices').replaceChildren();
}
