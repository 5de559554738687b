// Prepaid credit: what there is and where it came from, buying more by hand, and what happens when it runs low.

import { Attempt, get, send } from '../api.js';
import { byId, el } from '../dom.js';
import { onSubmit } from '../forms.js';
import { date, money } from '../format.js';
import { part } from '../part.js';
import { empty } from '../tables.js';
import { leaveFor } from './errand.js';

const kinds = { paid: 'Bought', promotion: 'Given', note: 'Given back' };
const fields = {
  alert_below: 'rule-alert', top_up_below: 'rule-below', top_up_amount: 'rule-amount', top_ups_at_most: 'rule-most',
};

export function credit(desk) {
  wireTopUp(desk);
  wireRule(desk);
  return part(byId('credit'), () => get('/api/v1/credit'), (answer) => {
    showRule(answer);
    const open = answer.grants.filter((grant) => grant.remaining > 0);
    return [
      el('p', {}, el('strong', {}, money(answer.balance, answer.currency)), ' left.'),
      open.length > 0 ? el('ul', { class: 'plain' }, open.map(grantRow)) : empty('No credit is left.'),
    ];
  });
}

function grantRow({ name, kind, remaining, amount, currency, expires_at: end }) {
  const left = remaining === amount ? money(amount, currency)
    : `${money(remaining, currency)} of ${money(amount, currency)}`;
  return el('li', { class: 'row' },
    el('div', {}, name, el('span', { class: 'soft small block' },
      `${kinds[kind] ?? kind}, ${end ? `until ${date(end)}` : 'without an end'}`)),
    el('span', { class: 'amount' }, left));
}

function wireTopUp(desk) {
  const [page, card] = [new Attempt(), new Attempt()];
  onSubmit(byId('top-up-form'), async ({ amount, by }) => {
    const body = { amount: Number(amount) };
    if (by === 'page') {
      const { url } = await page.make(body, (what, key) => send('POST', '/api/v1/credit/top-ups', what, key));
      await leaveFor(url, 'credit');
      return;
    }
    byId('top-up-done').textContent = '';
    const { status } = await card.make(body, (what, key) => send('POST', '/api/v1/credit/top-ups/charge', what, key));
    byId('top-up-done').textContent = status === 'charged'
      ? 'The card was charged.' : 'The provider has not said yet how it went. We go on asking.';
    byId('top-up-form').reset();
    await desk.changed('credit', 'balance', 'invoices');
  });
}

function wireRule(desk) {
  const form = byId('rule-form');
  onSubmit(form, async (values) => {
    byId('rule-done').textContent = '';
    const body = {};
    for (const name of Object.keys(fields)) if (values[name] !== '') body[name] = Number(values[name]);
    await send('PUT', '/api/v1/credit/rule', body);
    byId('rule-done').textContent = 'Saved.';
    await desk.changed('credit');
  });
}

function showRule({ rule }) {
  for (const [name, id] of Object.entries(fields)) {
    if (document.activeElement === byId(id)) continue;
    const isSet = rule[name] !== null && (name !== 'top_ups_at_most' || rule.top_up_amount !== null);
    byId(id).value = isSet ? rule[name] : '';
  }
  byId('rule-state').textContent = state(rule);
}

function state(rule) {
  if (rule.is_top_up_off) return `Automatic top-ups have been switched off: ${rule.top_up_error}. Save to try again.`;
  if (rule.is_top_up_under_way) return 'A top-up is under way.';
  if (rule.top_up_amount === null) return '';
  return `${rule.top_ups_this_month} of ${rule.top_ups_at_most} top-ups made this month.`;
}
