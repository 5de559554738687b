// For site operators: one account, as it stands, and what can be done about it.

import { Attempt, Refusal, get, send } from './api.js';
import { askFirst } from './ask-first.js';
import { byId, el, fill } from './dom.js';
import { onSubmit } from './forms.js';
import { date, money } from './format.js';
import { notice } from './notices.js';
import { pressed } from './part.js';
import { empty, listed } from './tables.js';

const PATH = '/api/v1/admin/accounts';
let plans = [];

const button = (label, act, more) => (
  pressed(label, act, { refused: (refusal) => notice(refusal.message, 'bad'), ...more }));

/** `changed()` is called after something was done that the house's figures show. */
export function wireAccounts(changed) {
  onSubmit(byId('search-form'), async ({ search }) => {
    const { data } = await get(`${PATH}?limit=20&search=${encodeURIComponent(search.trim())}`);
    fill(byId('account'));
    fill(byId('found'), data.length === 0 ? empty('No account is called so.')
      : el('ul', { class: 'plain' }, data.map((one) => el('li', { class: 'row' },
        el('div', {}, el('strong', {}, one.name), el('span', { class: 'soft small block' },
          `${one.id}, ${one.email}, ${one.plan}, ${money(one.receivable, one.currency)} owed`)),
        button('Open', () => open(one.id, changed), { name: `Open ${one.name}` })))));
  });
}

async function open(id, changed) {
  if (plans.length === 0) plans = (await get('/api/v1/plans')).data.filter((plan) => plan.prices.length > 0);
  await show(id, changed);
  byId('account').querySelector('h3').focus();
}

async function show(id, changed) {
  const told = await get(`${PATH}/${id}`);
  const { account, subscription, grants, members, payments, open_invoices: owed } = told;
  const written = (amount) => money(amount, account.currency);
  const desk = {
    account,
    path: `${PATH}/${id}`,
    /** Asks first, does it, says so, and shows how the account stands then. */
    async order(question, act, done) {
      if (!await askFirst(question, act)) return;
      notice(done, 'good');
      await show(id, changed);
      byId('account').querySelector('h3').focus();
      changed();
    },
  };
  const live = subscription;
  const plan = live ? `${live.plan}, ${live.status}, until ${date(live.current_period_end)}`
    : `${account.plan}, pays as it goes`;
  const facts = [
    ['Status', account.restriction ? `${account.status}, ${account.restriction}` : account.status], ['Plan', plan],
    ['Owed', `${written(account.receivable)}, ${written(account.unbilled)} not invoiced`],
    ['Credit', `${written(account.credit)} in ${grants.length} ${grants.length === 1 ? 'grant' : 'grants'}`],
    ['Members', members.map((one) => `${one.email} (${one.role})`).join(', ')],
  ];
  fill(byId('account'),
    el('h3', { tabindex: -1 }, `${account.name} (${account.id})`),
    el('dl', { class: 'facts' }, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))),
    el('div', { class: 'actions' }, status(desk), credit(desk), change(desk, live), ending(desk, live)),
    el('h4', {}, 'Owed by invoices'),
    listed(['Invoice', 'Due', 'Owed', 'To do'], owed.map((one) => [
      one.number, date(one.due_at), written(one.owed), charge(desk, one)]), 'Nothing is owed.', { words: [1] }),
    el('h4', {}, 'Payments'),
    listed(['Payment', 'When', 'Amount', 'Given back', 'To do'], payments.map((one) => [
      one.id, date(one.paid_at), written(one.amount), written(one.refunded), refund(desk, one)]),
    'No payments yet.', { words: [1] }));
}

function status({ account, path, order }) {
  const isActive = account.status === 'active';
  const [what, body] = isActive ? ['suspend', 'Its keys are refused at once. Its members can sign in and pay.']
    : ['resume', 'Its keys work again at once.'];
  const label = isActive ? 'Suspend' : 'Resume';
  return button(label, () => order({ title: `${label} ${account.name}?`, body: el('p', {}, body), yes: label },
    () => send('POST', `${path}/${what}`), isActive ? 'It is suspended.' : 'It is active again.'));
}

function field(label, more = {}) {
  const id = `operator-${label.toLowerCase().replace(/\W+/g, '-')}`;
  const input = el(more.options ? 'select' : 'input', { id, ...more, options: null }, more.options ?? []);
  return [el('div', { class: 'field' }, el('label', { for: id }, label), input), input];
}

function credit({ account, path, order }) {
  return button('Give credit', () => {
    const [amountField, amount] = field('Amount', { type: 'number', min: 0, step: 'any', inputmode: 'decimal' });
    const [nameField, name] = field('What the account reads', { maxlength: 120 });
    const given = new Attempt();
    const act = () => {
      const body = { amount: Number(amount.value), ...(name.value.trim() && { name: name.value.trim() }) };
      return given.make(body, (what, key) => send('POST', `${path}/credit`, what, key));
    };
    return order({ title: `Give ${account.name} credit`, body: [amountField, nameField], yes: 'Give it' }, act,
      'The credit is given.');
  });
}

function change({ account, path, order }, live) {
  return button(live ? 'Change the plan' : 'Begin a plan', () => {
    const offers = plans.flatMap((plan) => plan.prices.filter((price) => price.currency === account.currency)
      .map((price) => el('option', { value: `${plan.code} ${price.interval}` },
        `${plan.name} (${plan.family}), ${money(price.amount, price.currency)} a ${price.interval}`)));
    const [choice, chosen] = field('Plan', { options: offers });
    const when = el('p', { class: 'soft' }, live
      ? 'At once and in proportion; what costs less begins when the period ends.'
      : 'At once. Nobody is asked to pay first: its invoice is paid however the account pays.');
    const act = () => {
      const [plan, interval] = chosen.value.split(' ');
      return send('POST', `${path}/subscription/${live ? 'change' : 'start'}`, { plan, interval });
    };
    return order({ title: `A plan for ${account.name}`, body: [choice, when], yes: 'Do it' }, act, 'Done.');
  });
}

function ending({ account, path, order }, live) {
  if (!live) return null;
  const [what, label, done] = live.cancel_at_period_end
    ? ['resume', 'Keep the subscription', 'It goes on.']
    : ['cancel', 'End the subscription', 'It ends with its period.'];
  return button(label, () => order({ title: `${label} of ${account.name}?`, yes: label },
    () => send('POST', `${path}/subscription/${what}`), done));
}

function charge({ order }, { number, owed, currency }) {
  const title = `Charge the saved card ${money(owed, currency)} for ${number}?`;
  const paid = new Attempt();
  const act = () => paid.make({}, (body, key) => (
    send('POST', `/api/v1/admin/invoices/${encodeURIComponent(number)}/pay`, body, key)));
  return button('Charge the card', () => order({ title, yes: 'Charge it' }, act, `${number} is paid.`),
    { name: `Charge the card for ${number}` });
}

function refund({ order }, { id, amount, refunded, currency }) {
  const left = Math.round((amount - refunded) * 1000) / 1000;
  if (left <= 0) return null;
  return button('Refund', () => {
    const [sumField, sum] = field('Amount', { type: 'number', min: 0, max: left, step: 'any', value: left });
    const given = new Attempt();
    const act = async () => {
      const path = `/api/v1/admin/payments/${encodeURIComponent(id)}/refunds`;
      const body = { amount: Number(sum.value) };
      const { status } = await given.make(body, (what, key) => send('POST', path, what, key));
      if (status === 'failed') throw new Refusal(409, 'The provider did not give it back.');
    };
    return order({ title: `Give back what of ${money(left, currency)}?`, body: sumField, yes: 'Give it back' }, act,
      'It is given back.');
  }, { name: `Refund ${id}` });
}
