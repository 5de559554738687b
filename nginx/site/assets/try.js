// One card for each endpoint of the dashboard: send it a request, see the status, the time and the answer.

import './theme-switch.js';
import { Refusal, endpoints, exchange } from './api.js';
import { rememberKey } from './caller.js';
import { byId, el, fill } from './dom.js';
import { onSubmit, setBusy } from './forms.js';
import { isDevKey } from './format.js';
import { jsonView, textView } from './json-view.js';

const LONGEST_TEXT = 4000;

const trials = [
  { name: 'user', says: 'Who the key belongs to.' },
  { name: 'usage', says: 'Totals, backends, and the last thirty days.' },
  { name: 'invoices', says: 'What was billed and what is owed.' },
  { name: 'payment', says: 'Opens a checkout and answers its address.', body: { amount: 350 } },
  {
    name: 'ticket',
    says: 'Asks for help and answers the number of the ticket.',
    body: { priority: 'medium', subject: 'A trial ticket', message: 'Sent from the page that tries the API.' },
  },
];

const keyField = byId('try-key');
const key = () => keyField.value.trim();

function card({ name, says, body }) {
  const { method, key: path } = endpoints[name];
  const outcome = el('span', { class: 'trial-outcome', role: 'status' });
  const answer = el('div');
  const label = `Send ${method} ${path}`;
  const send = el('button', { type: 'button', class: 'button quiet compact', 'aria-label': label }, 'Send');
  const run = async () => {
    setBusy(send, true);
    const ok = await tryOut(method, path, body, outcome, answer);
    setBusy(send, false);
    return ok;
  };
  send.addEventListener('click', () => {
    if (send.getAttribute('aria-busy') !== 'true') run();
  });
  byId('trials').append(el('li', { class: 'panel trial', id: `trial-${name}` },
    el('div', { class: 'trial-head' },
      el('h2', {}, el('span', { class: `method ${method.toLowerCase()}` }, method), el('code', {}, path)),
      outcome,
      send),
    el('p', { class: 'soft' }, says),
    body && el('p', { class: 'sent small' }, 'Sends ', el('code', {}, JSON.stringify(body))),
    answer));
  return run;
}

/** Fills the card with what came back. Answers whether it was a success. */
async function tryOut(method, path, body, outcome, place) {
  try {
    const caller = { kind: 'key', key: key() };
    const { status, text, json, milliseconds } = await exchange(method, path, { caller, body });
    const ok = status >= 200 && status < 300;
    fill(outcome,
      el('span', { class: `badge ${ok ? 'good' : 'bad'}` }, String(status)),
      el('span', { class: 'time soft small' }, `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`));
    const label = `Answer of ${method} ${path}`;
    fill(place, json === undefined ? textView([text.slice(0, LONGEST_TEXT)], label) : jsonView(json, label));
    return ok;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    fill(outcome, el('span', { class: 'badge bad' }, 'No answer'));
    fill(place, el('p', { class: 'form-error' }, error.message));
    return false;
  }
}

function describeKey() {
  byId('try-key-hint').textContent = isDevKey(key())
    ? 'A development key: sample data only.'
    : 'Not a development key: the ticket and the checkout it opens are real.';
}

const runs = trials.map(card);
onSubmit(byId('try-form'), async () => {
  const outcomes = [];
  // One after the other, so that each time shown is that request's own.
  for (const run of runs) outcomes.push(await run());
  byId('try-summary').textContent = `${outcomes.filter(Boolean).length} of ${outcomes.length} succeeded.`;
});
byId('go-on').addEventListener('click', () => {
  if (!byId('try-form').reportValidity()) return;
  rememberKey(key());
  location.assign('/dashboard.html');
});
keyField.addEventListener('input', describeKey);
describeKey();
