// For site operators: the house's money, from the ledger and the subscriptions.

import './theme-switch.js';
import { Refusal, exchange } from './api.js';
import { showRevenue } from './charts.js';
import { byId, el, fill } from './dom.js';
import { count, date, money as cash, month, timeOfDay } from './format.js';
import { setBusy } from './forms.js';
import { clearNotices, notice } from './notices.js';
import { wireAccounts } from './operator-accounts.js';
import { listed, table } from './tables.js';

const FILES = ['invoices', 'payments', 'ledger'];
const AGES = [
  ['not_due', 'Not due yet'], ['days_0_29', 'Up to 30 days late'], ['days_30_59', '30 to 59 days late'],
  ['days_60_89', '60 to 89 days late'], ['days_90', '90 days late or more'],
];

let currencies = [];

async function get(path) {
  const { status, json } = await exchange('GET', path);
  if (status === 200 && json) return json;
  if (status === 401) throw new Refusal(401, 'Sign in on the dashboard as a site operator, then come back.');
  throw new Refusal(status, String(json?.detail ?? `The server answered ${status}.`));
}

async function load() {
  setBusy(byId('refresh'), true);
  clearNotices();
  try {
    const [stats, { charges }] = await Promise.all([
      get('/api/v1/admin/stats?months=12'), get('/api/v1/admin/billing/recent-charges?limit=10'),
    ]);
    currencies = stats.currencies;
    byId('updated').textContent = `As of ${date(stats.at)}, ${timeOfDay(new Date(stats.at))}`;
    offerCurrencies();
    showCharges(charges);
    byId('money').hidden = false;
    show();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    notice(error.message, 'bad');
  } finally {
    setBusy(byId('refresh'), false);
  }
}

function offerCurrencies() {
  const chosen = byId('currency').value;
  fill(byId('currency'), currencies.map(({ currency }) => (
    el('option', { value: currency, selected: currency === chosen }, currency.toUpperCase()))));
  byId('currency-choice').hidden = currencies.length < 2;
}

function show() {
  const money = currencies.find(({ currency }) => currency === byId('currency').value) ?? currencies[0];
  const written = (amount) => cash(amount, money.currency);
  const now = money.months.at(-1);
  figure('mrr', written(money.mrr), `${written(money.arr)} a year`);
  figure('revenue', written(now.revenue.total), `${written(now.collected)} collected`);
  figure('outstanding', written(money.outstanding.total), `${written(money.unbilled)} not invoiced yet`);
  figure('customers', count(money.customers), `${count(money.trialing)} in trial, ${count(money.past_due)} past due`);
  showRevenue(byId('revenue'), {
    names: money.months.map((one) => month(one.month)),
    amounts: money.months.map((one) => one.revenue.total),
    currency: money.currency,
  });
  fill(byId('owed'), table(['Age', 'Amount'], AGES.map(([name, label]) => [label, written(money.outstanding[name])]),
    ['Together', written(money.outstanding.total)]));
  showMonths(money.months, written);
  fill(byId('accounts'), listed(['Account', 'Revenue'],
    money.top_accounts.map((one) => [`${one.name} (${one.account})`, written(one.revenue)]),
    'No revenue in these months.'));
  fill(byId('plans'), listed(['Plan', 'Subscriptions', 'A month'],
    money.plans.map((one) => [one.name, count(one.subscriptions), written(one.mrr)]), 'No live subscriptions.'));
}

function figure(name, value, note) {
  fill(byId(`figure-${name}`), value, el('small', {}, note));
}

function showMonths(months, written) {
  const heads = ['Month', 'Revenue', 'Usage', 'Plans', 'Collected', 'Refunded', 'Tax', 'Recurring', 'New', 'Gone',
    'Churn'];
  // Nothing is a dash, so that what there is stands out.
  const some = (amount) => (amount === 0 ? '–' : written(amount));
  fill(byId('months'), table(heads, months.toReversed().map((one) => [
    month(one.month), some(one.revenue.total), some(one.revenue.usage), some(one.revenue.plans),
    some(one.collected), some(one.refunded), some(one.tax), some(one.mrr.closing),
    some(one.mrr.new + one.mrr.reactivated), some(one.mrr.churned),
    one.customer_churn === 0 ? '–' : `${one.customer_churn} %`,
  ])));
}

function showCharges(charges) {
  const state = ({ paid, refunded, amount_refunded: back }) => {
    if (!paid) return ['bad', 'Failed'];
    if (back > 0) return ['warn', refunded ? 'Refunded' : 'Partly refunded'];
    return ['good', 'Paid'];
  };
  fill(byId('charges'), listed(['Account', 'When', 'Amount', 'State'], charges.map((charge) => {
    const [kind, label] = state(charge);
    return [`${charge.customer_name} (${charge.customer})`, date(charge.created), cash(charge.amount, charge.currency),
      el('span', { class: `badge ${kind}` }, label)];
  }), 'No charges yet.'));
}

/** Links to the files of the days that are chosen; this month at first. */
function linkFiles() {
  const query = new URLSearchParams({ from: byId('files-from').value, to: byId('files-to').value });
  for (const name of FILES) byId(`file-${name}`).href = `/api/v1/admin/${name}.csv?${query}`;
}

const today = new Date().toISOString().slice(0, 10);
byId('files-from').value = `${today.slice(0, 7)}-01`;
byId('files-to').value = today;
byId('files').addEventListener('change', linkFiles);
byId('currency').addEventListener('change', show);
byId('refresh').addEventListener('click', load);
linkFiles();
wireAccounts(load);
load();
