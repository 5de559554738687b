// What somebody with a new account does first: one line for the terminal, with their key in it.

import { copies } from './copy.js';
import { byId } from './dom.js';

function line(key) {
  const usage = JSON.stringify({ api_key: key, shots_executed: 50, backend: 'simulator', cost: 0.05, success: true });
  return `curl -X POST ${location.origin}/billing/record-usage \\
  -H 'Content-Type: application/json' \\
  -d '${usage}'`;
}

/** Writes the line with the hint of the key: the page may be looked at over a shoulder. */
export function describeFirstSteps(caller, hint) {
  byId('first-curl').textContent = line(hint);
  byId('first-hint').textContent = caller.key
    ? 'Shown with a hint of your key; the copied line holds the whole key.'
    : 'Put your own key in the place of the hint.';
}

export function clearFirstSteps() {
  byId('first-curl').textContent = '';
}

export function wireFirstSteps(caller) {
  copies(byId('first-copy'), () => (caller()?.key ? line(caller().key) : byId('first-curl').textContent));
}
