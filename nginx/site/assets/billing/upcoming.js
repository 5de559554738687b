// The next invoice as it would be now.

import { get } from '../api.js';
import { byId, el } from '../dom.js';
import { date } from '../format.js';
import { part } from '../part.js';
import { empty } from '../tables.js';
import { estimate } from './estimate.js';

export const upcoming = () => part(byId('upcoming'), () => get('/api/v1/invoices/upcoming'), (invoice) => {
  if (invoice.lines.length === 0) return empty('Nothing so far: neither use nor fees.');
  return [
    estimate(invoice, 'To pay, as of now'),
    invoice.period_end && el('p', { class: 'soft small' }, `For the time until ${date(invoice.period_end)}.`),
  ];
});
