// Coupons: those that still take something off, and the field where another is typed.

import { get, send } from '../api.js';
import { byId, el } from '../dom.js';
import { onSubmit } from '../forms.js';
import { money } from '../format.js';
import { part } from '../part.js';

export function coupons(desk) {
  onSubmit(byId('coupon-form'), async ({ code }) => {
    await send('POST', '/api/v1/coupons/redeem', { code: code.trim() });
    byId('coupon-form').reset();
    await desk.changed('coupons', 'upcoming');
  });
  return part(byId('coupons'), () => get('/api/v1/coupons'), ({ data }) => (
    data.length > 0 && el('ul', { class: 'plain' }, data.map((one) => el('li', {}, sentence(one))))));
}

function sentence({ name, code, percent, amount, currency, invoices_left: left }) {
  const off = percent === null ? money(amount, currency) : `${percent} %`;
  const times = left === null ? 'each invoice' : left === 1 ? 'the next invoice' : `the next ${left} invoices`;
  return `${name} (${code}): ${off} off ${times}.`;
}
