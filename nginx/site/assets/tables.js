// Tables that scroll by themselves where a screen is narrow.

import { el } from './dom.js';

/** The first column names the row; the others hold figures, but for those whose place `words` names. */
export function table(heads, rows, sum = null, { words = [] } = {}) {
  const kind = (at) => (at > 0 && !words.includes(at) ? 'numeric' : 'loose');
  const line = (cells) => el('tr', {}, cells.map((cell, at) => (
    el(at === 0 ? 'th' : 'td', { scope: at === 0 ? 'row' : null, class: kind(at) }, cell))));
  return el('div', { class: 'wide-table', tabindex: 0, role: 'region', 'aria-label': heads.join(', ') },
    el('table', {},
      el('thead', {}, el('tr', {}, heads.map((head, at) => el('th', { scope: 'col', class: kind(at) }, head)))),
      el('tbody', {}, rows.map(line)),
      sum && el('tfoot', {}, line(sum))));
}

/** The same, or a sentence where there are no rows. */
export const listed = (heads, rows, nothing, options) => (
  rows.length > 0 ? table(heads, rows, null, options) : empty(nothing));

export const empty = (words) => el('div', { class: 'empty soft' }, el('p', {}, words));
