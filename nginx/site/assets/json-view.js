// JSON as coloured text. It is cut into words here, and each word becomes a text node.

import { el } from './dom.js';

const WORD = /("(?:\\.|[^"\\])*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g;

/** A `pre` that holds the value, indented; `label` names it for those who do not see it. */
export function jsonView(value, label) {
  const text = JSON.stringify(value, null, 2);
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(WORD)) {
    nodes.push(text.slice(from, match.index), ...coloured(match));
    from = match.index + match[0].length;
  }
  return textView([...nodes, text.slice(from)], label);
}

export const textView = (children, label) => el('pre', { tabindex: 0, role: 'region', 'aria-label': label }, children);

function coloured([word, text, colon]) {
  if (text) return [el('span', { class: colon ? 'json-name' : 'json-text' }, text), colon ?? ''];
  return [el('span', { class: /^[-\d]/.test(word) ? 'json-number' : 'json-word' }, word)];
}
