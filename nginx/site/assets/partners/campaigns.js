// The campaigns of the app that the reader chose: what they promise, and what they brought.

import { get, send } from '../api.js';
import { askFirst } from '../ask-first.js';
import { byId, el, fill } from '../dom.js';
import { onSubmit } from '../forms.js';
import { count, percent, worth } from '../format.js';
import { part, pressed } from '../part.js';
import { empty } from '../tables.js';
import { APPS } from './apps.js';
import { getChosen } from './pages.js';

const PATH = '/api/partner/campaigns';
/** The most that a page of theirs holds. */
const SHOWN = 100;
const badges = { ACTIVE: 'good', PAUSED: 'warn', SCHEDULED: '', EXPIRED: '' };
const models = { FIXED_CURRENCY: 'A fixed amount', PERCENTAGE: 'A part of its amount' };
const types = {
  ONE_SIDED: 'Who refers', TWO_SIDED: 'Who refers, and who is referred', MULTI_LEVEL: 'Who refers, and their referrer',
};
const payouts = {
  CASH: 'Cash', STORE_CREDIT: 'Store credit', IN_APP_DISCOUNT: 'A discount in the app', COUPON_CODE: 'A coupon code',
  POINTS: 'Points', OTHER: 'Something else',
};
const chosen = () => byId('campaign-app').value;
const path = () => `${PATH}?limit=${SHOWN}&appId=${encodeURIComponent(chosen())}`;

export function campaigns(desk) {
  wireForm(desk);
  const load = part(byId('campaigns'), ask, (answer) => {
    byId('campaigns-error').textContent = '';
    if (answer === null) return empty('Add an app first: each campaign belongs to one.');
    const { campaigns: list, pagination } = answer;
    if (list.length === 0) return empty('This app has no campaigns yet.');
    const rest = pagination.totalItems - list.length;
    return [
      el('ul', { class: 'plain ruled' }, list.map((campaign) => row(campaign, desk))),
      rest > 0 && el('p', { class: 'soft small' }, `The API lists ${count(rest)} older ones too.`),
    ];
  });
  byId('campaign-app').addEventListener('change', load);
  return load;
}

async function ask() {
  const list = await get(APPS);
  const before = chosen();
  fill(byId('campaign-app'), list.map(({ id, name }) => el('option', { value: id, selected: id === before }, name)));
  byId('campaign-app-choice').hidden = list.length === 0;
  byId('campaign-new').hidden = list.length === 0;
  return list.length === 0 ? null : getChosen(path);
}

function wireForm(desk) {
  const form = byId('campaign-form');
  const { rewardModel: model, rewardValue: value, payoutType: payout, referralType: type } = form.elements;
  const options = (names) => Object.entries(names).map(([one, words]) => el('option', { value: one }, words));
  fill(model, options(models));
  fill(type, options(types));
  fill(payout, options(payouts));
  const explain = () => {
    const unit = payout.value === 'POINTS' ? 'points' : desk.account.currency.toUpperCase();
    byId('campaign-value-hint').textContent = model.value === 'PERCENTAGE' ? 'Percent.' : `In ${unit}.`;
    byId('campaign-cap-hint').textContent = `In ${unit}. Empty: without a limit.`;
    value.max = model.value === 'PERCENTAGE' ? 100 : 100_000;
  };
  model.addEventListener('change', explain);
  payout.addEventListener('change', explain);
  explain();
  onSubmit(form, async ({ name, landingUrl, rewardValue, conversionWindow, rewardCap, ...choices }) => {
    await send('POST', PATH, {
      ...choices,
      appId: chosen(),
      name: name.trim(),
      landingUrl: landingUrl.trim(),
      rewardValue: Number(rewardValue),
      conversionWindow: conversionWindow ? Number(conversionWindow) : null,
      rewardCap: rewardCap ? Number(rewardCap) : null,
    });
    form.reset();
    explain();
    await desk.changed('campaigns');
  });
}

function row(campaign, desk) {
  const { name, status, totalReferrals, totalClicks, totalConversions, totalRewardCost } = campaign;
  const rate = totalClicks > 0 ? ` (${percent(totalConversions, totalClicks)} of them)` : '';
  const figures = `${count(totalReferrals)} codes, ${count(totalClicks)} clicks, `
    + `${count(totalConversions)} conversions${rate}, ${worth(totalRewardCost, unitOf(campaign, desk))} of rewards`;
  const can = desk.may.develop;
  return el('li', { class: 'row' },
    el('div', {}, el('strong', {}, name), ' ',
      el('span', { class: `badge ${badges[status] ?? ''}` }, status.toLowerCase()),
      el('span', { class: 'small block' }, promise(campaign, desk)),
      el('span', { class: 'soft small block' }, figures),
      campaign.landingUrl && el('span', { class: 'soft small block' }, `Leads to ${campaign.landingUrl}`)),
    el('div', { class: 'actions' }, turn(campaign, desk, can),
      pressed('Remove', () => remove(campaign, desk), { can, name: `Remove ${name}` })));
}

const unitOf = ({ payoutType }, desk) => (payoutType === 'POINTS' ? 'pts' : desk.account.currency);

function promise(campaign, desk) {
  const written = (amount) => worth(amount, unitOf(campaign, desk));
  const { rewardModel: model, rewardValue: value, rewardCap: cap, conversionWindow: days, payoutType } = campaign;
  const reward = model === 'TIERED' ? 'More with each tier' : model === 'PERCENTAGE' ? `${value} %` : written(value);
  const paid = payoutType === 'POINTS' || payoutType === 'OTHER' ? null : `as ${lower(payouts[payoutType])}`;
  return [
    `${reward} for ${lower(types[campaign.referralType])}`, paid, cap !== null && `at most ${written(cap)}`,
    days !== null && `within ${days === 1 ? '1 day' : `${count(days)} days`}`,
  ].filter(Boolean).join(', ');
}

const lower = (words) => words.charAt(0).toLowerCase() + words.slice(1);

/** Its dates have ended one that expired; pausing would change nothing. */
function turn({ id, name, status }, desk, can) {
  if (status === 'EXPIRED') return null;
  const [label, next] = status === 'PAUSED' ? ['Resume', 'ACTIVE'] : ['Pause', 'PAUSED'];
  const act = async () => {
    byId('campaigns-error').textContent = '';
    await send('PATCH', `${PATH}/${encodeURIComponent(id)}`, { status: next });
    await desk.changed('campaigns');
  };
  const refused = (refusal) => { byId('campaigns-error').textContent = refusal.message; };
  return pressed(label, act, { can, refused, name: `${label} ${name}` });
}

async function remove({ id, name }, desk) {
  const body = el('p', {}, 'Its codes and links work no more. What was earned stays owed. This cannot be undone.');
  const question = { title: `Remove ${name}?`, body, yes: 'Remove it' };
  if (await askFirst(question, () => send('DELETE', `${PATH}/${encodeURIComponent(id)}`))) {
    await desk.changed('campaigns', 'apps', 'overview');
  }
}
