// The plans that are offered, and what a change to one would cost before it is made.

import { Attempt, Refusal, get, send } from '../api.js';
import { askFirst } from '../ask-first.js';
import { byId, el } from '../dom.js';
import { date, money } from '../format.js';
import { part, pressed } from '../part.js';
import { leaveFor } from './errand.js';
import { estimate } from './estimate.js';
import { each } from './subscription.js';

const families = {
  metered: 'Metered API', dashboard: 'Developer tools', partner: 'Partner program', billing: 'Account billing',
};
const order = new Attempt();

/** The interval whose prices are shown where a plan has several. */
let interval = 'month';

export function plans(desk) {
  const ask = async () => {
    const [{ data }, { subscription }] = await Promise.all([get('/api/v1/plans'), get('/api/v1/subscription')]);
    return { offers: data, live: subscription };
  };
  const load = part(byId('plans'), ask, (answer) => show(answer, desk));
  byId('plan-interval').addEventListener('change', ({ target }) => {
    interval = target.value;
    load();
  });
  return load;
}

function show({ offers, live }, desk) {
  return Object.entries(families).map(([family, title]) => {
    const list = offers.filter((plan) => plan.family === family).map((plan) => offer(plan, live, desk));
    return list.some(Boolean) && el('div', { class: 'plan-family' },
      el('h3', {}, title), el('ul', { class: 'plan-list' }, list));
  });
}

/** Nothing of a plan that only an operator gives, unless the account has it. */
function offer(plan, live, desk) {
  const own = plan.prices.filter((price) => price.currency === desk.account.currency);
  const price = own.find((one) => one.interval === interval) ?? own[0];
  const isCurrent = live ? live.plan === plan.code && (!price || live.interval === price.interval)
    : desk.account.plan === plan.code;
  if (!price && !isCurrent) return null;
  const trial = plan.trial_days > 0 && `${plan.trial_days} days for nothing`;
  return el('li', { class: isCurrent ? 'plan current' : 'plan' },
    el('h4', {}, plan.name),
    el('p', { class: 'price' }, price ? each(price.amount, price.currency, price.interval) : 'You pay as you go'),
    el('ul', { class: 'features' }, [...plan.features, trial].filter(Boolean).map((text) => el('li', {}, text))),
    isCurrent && el('span', { class: 'badge good' }, 'Your plan'),
    price && !isCurrent && pressed(live ? 'Change to this' : 'Choose', () => choose(plan, price, live, desk),
      { can: desk.may.bill, name: `${live ? 'Change to' : 'Choose'} ${plan.name} in ${families[plan.family]}` }));
}

async function choose(plan, price, live, desk) {
  const wanted = { plan: plan.code, interval: price.interval };
  const preview = await send('POST', '/api/v1/subscription/preview', wanted);
  const question = {
    title: live ? `Change from ${live.name} to ${plan.name}?` : `Begin ${plan.name}?`,
    body: told(preview, live),
    yes: yes(preview),
  };
  const done = await askFirst(question, () => make(wanted, preview, live));
  if (done) await desk.changed();
}

async function make(wanted, preview, live) {
  const [path, body] = live
    ? ['/api/v1/subscription/change', { ...wanted, when: preview.when }] : ['/api/v1/subscriptions', wanted];
  try {
    await order.make(body, (what, key) => send('POST', path, what, key));
  } catch (error) {
    if (!(error instanceof Refusal) || error.url === null) throw error;
    await leaveFor(error.url, 'plan');
  }
}

function yes({ payment, invoice }) {
  if (payment === 'page') return 'Go on to payment';
  const due = invoice ? invoice.amount_due : 0;
  return payment === 'card' && due > 0 ? `Confirm and pay ${money(due, invoice.currency)}` : 'Confirm';
}

const payments = {
  nothing: () => 'The plan asks for nothing now.',
  card: () => 'Your saved card is charged.',
  page: ({ due, invoice, currency }) => `You pay ${money(due, currency)} on the payment provider’s page, and the plan `
    + `begins when that is paid.${invoice.amount_due > due ? ' The rest is use, and due with the invoice.' : ''}`,
};

function told(preview, live) {
  const { invoice, currency } = preview;
  const next = date(preview.next_invoice_at);
  const lines = [];
  if (invoice === null) {
    lines.push(`${live.name} goes on until ${date(preview.effective_at)}, then ${preview.name} begins. `
      + 'Nothing is invoiced before.');
  } else if (preview.trial_end) {
    lines.push(`Nothing is asked for until ${date(preview.trial_end)}, when the trial ends.`);
  } else if (preview.unused > 0) {
    lines.push(`It begins at once: ${money(preview.unused, currency)} of what you paid for ${live.name} is given `
      + `back, and ${money(preview.fees, currency)} is asked for ${preview.name}.`);
  } else {
    lines.push('It begins at once.');
  }
  lines.push(`Then ${each(preview.amount, currency, preview.interval)} before discounts and taxes; the next invoice is `
    + `made out on ${next}.`);
  return [
    el('p', {}, lines[0]),
    invoice && invoice.lines.length > 0 && estimate(invoice, 'Invoiced now'),
    invoice && el('p', {}, payments[preview.payment]?.(preview)),
    el('p', { class: 'soft' }, lines[1]),
  ];
}
