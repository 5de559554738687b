// The invoices and the button that pays what is owed.

import { Attempt, Refusal, ask } from './api.js';
import { byId, el, fill } from './dom.js';
import { setBusy } from './forms.js';
import { date, money } from './format.js';

const SHOWN = 10;
const badges = { paid: ['good', 'Paid'], pending: ['warn', 'Pending'], overdue: ['bad', 'Overdue'] };

const payButton = byId('pay');
const payError = byId('pay-error');
const payment = new Attempt();
let owed = 0;

/** Shows `{current_balance, currency, invoices}`; the Pay button stands there while something is owed. */
export function showInvoices({ current_balance: balance, currency, invoices }) {
  owed = balance;
  payButton.hidden = !(owed > 0);
  payButton.textContent = `Pay ${money(owed, currency)}`;
  if (invoices.length === 0) {
    fill(byId('invoices'), el('div', { class: 'empty soft' },
      el('p', {}, 'No invoices yet. One appears here when your usage is billed; you can pay it from this page.')));
    return;
  }
  const heads = [['date', 'Date'], ['what', 'Invoice'], ['amount numeric', 'Amount'], ['status', 'Status']];
  // The roles are said aloud because a narrow screen lays the rows out as cards, which would drop them.
  const table = el('table', { class: 'invoices', role: 'table' },
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, heads.map(([kind, text]) => (
      el('th', { role: 'columnheader', scope: 'col', class: kind }, text)
    )))),
    el('tbody', { role: 'rowgroup' }, invoices.slice(0, SHOWN).map(row)));
  const more = invoices.length > SHOWN
    && el('button', { type: 'button', class: 'button quiet compact' }, `Show all ${invoices.length}`);
  fill(byId('invoices'), table, more);
  if (!more) return;
  more.addEventListener('click', () => {
    const added = invoices.slice(SHOWN).map(row);
    table.tBodies[0].append(...added);
    more.remove();
    added[0].tabIndex = -1;
    added[0].focus();
  });
}

function row(invoice) {
  const [kind, label] = badges[invoice.status] ?? ['', String(invoice.status)];
  const cell = (kind, ...children) => el('td', { role: 'cell', class: kind }, children);
  const { currency, owed: rest } = invoice;
  const isPartlyPaid = rest > 0 && rest < invoice.amount;
  return el('tr', { role: 'row' },
    cell('date', date(invoice.date)),
    cell('what', String(invoice.description), papers(invoice)),
    cell('amount numeric', money(invoice.amount, currency),
      isPartlyPaid && el('span', { class: 'id' }, `${money(rest, currency)} to pay`)),
    cell('status', el('span', { class: `badge ${kind}` }, label)));
}

/** Its number, and where to see it; a caller with a key is given no links. */
function papers(invoice) {
  const number = String(invoice.id);
  const page = address(invoice.hosted_invoice_url);
  const pdf = address(invoice.invoice_pdf);
  return el('span', { class: 'id' },
    page ? el('a', { class: 'mono', href: page }, number) : el('span', { class: 'mono' }, number),
    pdf && [' · ', el('a', { href: pdf, 'aria-label': `${number} as PDF` }, 'PDF')]);
}

const address = (text) => (typeof text === 'string' && /^https?:\/\//.test(text) ? text : null);

/** Wires the Pay button: a checkout for the whole balance, then on to the provider's page. */
export function wirePayment(caller) {
  payButton.addEventListener('click', async () => {
    if (payButton.getAttribute('aria-busy') === 'true') return;
    payError.textContent = '';
    setBusy(payButton, true);
    try {
      const { url } = await payment.make({ amount: owed }, (body, key) => ask(caller(), 'payment', body, key));
      // Stays busy: the browser is leaving.
      location.assign(checkout(url));
    } catch (error) {
      setBusy(payButton, false);
      if (!(error instanceof Refusal)) throw error;
      payError.textContent = error.message;
    }
  });
  // Back from the checkout by the browser's button, the page may be the very one that left.
  addEventListener('pageshow', () => setBusy(payButton, false));
}

function checkout(text) {
  const page = address(text);
  if (page) return page;
  throw new Refusal(200, 'The server named a checkout page that cannot be opened.');
}
