// What the account is subscribed to, and until when.

import { get, send } from '../api.js';
import { askFirst } from '../ask-first.js';
import { byId, el } from '../dom.js';
import { date, money } from '../format.js';
import { part, pressed } from '../part.js';

const badges = { active: ['good', 'Active'], trialing: ['', 'In trial'], past_due: ['bad', 'Payment is late'] };
const PATH = '/api/v1/subscription';
const changes = ['subscription', 'plans', 'upcoming', 'invoices', 'balance', 'usage'];

export const subscription = (desk) => part(byId('subscription'), () => get(PATH), ({ subscription: live }) => {
  if (live === null) {
    return el('p', { class: 'soft' },
      'No subscription: you pay as you go. What you use is invoiced when the month ends. Choose a plan below.');
  }
  const [kind, label] = badges[live.status] ?? ['', String(live.status)];
  const { amount, currency, interval, next } = live;
  const facts = [['Fee', each(amount, currency, interval)], ...dates(live)];
  if (next) facts.push(['Then', `${next.plan}, ${each(next.amount, currency, next.interval)}`]);
  return [
    el('p', { class: 'plan-title' }, el('strong', {}, live.name), ' ', el('span', { class: `badge ${kind}` }, label)),
    el('dl', { class: 'facts' }, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))),
    el('div', { class: 'actions' }, actions(live, desk)),
  ];
});

/** `$49.00 a month` */
export const each = (amount, currency, interval) => `${money(amount, currency)} a ${interval}`;

function dates(live) {
  const end = date(live.current_period_end);
  if (live.cancel_at_period_end) return [['Ends', end]];
  if (live.status === 'trialing') return [['Trial ends', `${end}, then the first fee is due`]];
  return [['Next invoice', end]];
}

function actions(live, desk) {
  const can = desk.may.bill;
  const resume = async () => {
    await send('POST', `${PATH}/resume`);
    await desk.changed(...changes);
  };
  if (live.cancel_at_period_end) return pressed('Keep the subscription', resume, { can });
  return [
    live.next && pressed(`Stay with ${live.name}`, resume, { can }),
    pressed('Cancel the subscription', () => cancel(live, desk), { can }),
  ];
}

async function cancel(live, desk) {
  const question = {
    title: `Cancel ${live.name}?`,
    body: el('p', {}, `It goes on until ${date(live.current_period_end)} and is not renewed. `
      + 'Then the account is on the free plan. Until that day you can change your mind.'),
    yes: 'Cancel the subscription',
    no: 'Keep it',
  };
  if (await askFirst(question, () => send('POST', `${PATH}/cancel`))) await desk.changed(...changes);
}
