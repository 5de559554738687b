// What an invoice would say, as a table.

import { date, money } from '../format.js';
import { table } from '../tables.js';

/** Of `{ lines, discounts, taxes, total, credit, amount_due, currency }`. */
export function estimate(invoice, due = 'To pay') {
  const written = (amount) => money(amount, invoice.currency);
  const rows = invoice.lines.filter((line) => line.amount !== 0 || line.quantity > 0).map((line) => (
    [named(line), written(line.amount)]));
  for (const { name, code, amount } of invoice.discounts) rows.push([`${name} (${code})`, written(-amount)]);
  for (const tax of invoice.taxes) {
    rows.push([`${tax.name}, ${tax.percent} %${tax.inclusive ? ', part of the prices' : ''}`, written(tax.amount)]);
  }
  if (invoice.credit > 0) rows.push(['From your credit', written(-invoice.credit)]);
  return table(['What', 'Amount'], rows, [due, written(invoice.amount_due)]);
}

function named({ description, quantity, kind, period_end: end }) {
  const many = quantity > 1 ? `, ${quantity.toLocaleString('en-US')}` : '';
  return `${description}${many}${end && kind === 'flat' ? `, until ${date(end)}` : ''}`;
}
