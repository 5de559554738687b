// Invoices with their papers and the way to pay them, and credit notes.

import { Attempt, Refusal, get, send } from '../api.js';
import { byId, el, fill } from '../dom.js';
import { date, money } from '../format.js';
import { part, pressed } from '../part.js';
import { empty } from '../tables.js';
import { leaveFor } from './errand.js';

const badges = {
  draft: ['', 'Draft'], open: ['warn', 'Open'], overdue: ['bad', 'Overdue'], paid: ['good', 'Paid'],
  void: ['', 'Void'], uncollectible: ['bad', 'Given up'],
};
const LIMIT = 10;

export function invoices(desk) {
  return paged('invoices', `/api/v1/invoices?limit=${LIMIT}`, (invoice) => row(invoice, desk),
    'No invoices yet. One appears here when your use or your plan is billed.');
}

export function creditNotes() {
  return paged('credit-notes', `/api/v1/credit-notes?limit=${LIMIT}`, (note) => row(note, null), 'No credit notes.');
}

/** A list by pages: each more is added at the end. */
function paged(place, path, line, nothing) {
  return part(byId(place), () => get(path), ({ data, next_cursor: cursor }) => {
    if (data.length === 0) return empty(nothing);
    const list = el('ul', { class: 'papers' }, data.map(line));
    const more = el('div');
    const offer = (next) => fill(more, next && pressed('Show more', async () => {
      const page = await get(`${path}&cursor=${encodeURIComponent(next)}`);
      const added = page.data.map(line);
      list.append(...added);
      offer(page.next_cursor);
      added[0].tabIndex = -1;
      added[0].focus();
    }));
    offer(cursor);
    return [list, more];
  });
}

function row(paper, desk) {
  const { number, currency, total, owed } = paper;
  const late = paper.status === 'open' && owed > 0 && Date.parse(paper.due_at) < Date.now();
  const state = late ? 'overdue' : paper.status;
  const [kind, label] = desk === null ? ['', 'Credit note'] : badges[state] ?? ['', state];
  const isOwed = desk !== null && owed > 0 && ['open', 'uncollectible'].includes(paper.status);
  const error = el('p', { class: 'form-error', role: 'alert' });
  return el('li', { class: 'paper' },
    el('div', { class: 'paper-what' },
      el('span', {}, paper.description),
      el('span', { class: 'soft small' }, `${number ?? 'no number yet'} · ${date(paper.issued_at)}`
        + `${isOwed ? `, due ${date(paper.due_at)}` : ''}${paper.corrects ? `, for ${paper.corrects}` : ''}`)),
    el('div', { class: 'paper-sum' },
      el('span', { class: 'amount' }, money(total, currency)),
      el('span', { class: `badge ${kind}` }, label),
      isOwed && owed !== total && el('span', { class: 'soft small' }, `${money(owed, currency)} to pay`)),
    el('div', { class: 'paper-links small' }, number && [
      link(paper.hosted_invoice_url, 'Page', number), link(paper.invoice_pdf, 'PDF', number),
      desk !== null && link(`${location.origin}/api/v1/invoices/${encodeURIComponent(number)}/csv`, 'CSV', number),
      isOwed && payButton(paper, desk, error),
    ]),
    error);
}

const link = (text, label, number) => (/^https?:\/\//.test(text ?? '')
  ? el('a', { href: text, 'aria-label': `${number}, ${label}` }, label) : null);

function payButton({ number, owed, currency }, desk, error) {
  const payment = new Attempt();
  const act = async () => {
    error.textContent = '';
    try {
      const path = `/api/v1/invoices/${encodeURIComponent(number)}/pay`;
      await payment.make({}, (body, key) => send('POST', path, body, key));
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.url === null) throw refusal;
      // Without a card there is nothing to say; a card that was declined is told of first.
      if (refusal.code === 'no_payment_method') return leaveFor(refusal.url, 'invoice');
      const instead = pressed('Pay on the payment page', () => leaveFor(refusal.url, 'invoice'));
      fill(error, refusal.message, ' ', instead);
      return;
    }
    await desk.changed('invoices', 'balance', 'credit', 'subscription');
  };
  return pressed(`Pay ${money(owed, currency)}`, act, {
    can: desk.may.bill, kind: 'compact', name: `Pay ${money(owed, currency)} of ${number}`,
    refused: (refusal) => fill(error, refusal.message),
  });
}
