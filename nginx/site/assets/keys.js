// The keys of the account: each is shown whole once, when it is made.

import { get, send } from './api.js';
import { askFirst } from './ask-first.js';
import { copies } from './copy.js';
import { openDesk } from './desk.js';
import { byId, el, fill } from './dom.js';
import { onSubmit } from './forms.js';
import { count, date } from './format.js';
import { part, pressed } from './part.js';
import { empty } from './tables.js';

const PATH = '/api/v1/keys';
const badges = { active: 'good', disabled: 'warn', expired: '', revoked: '' };
const MINUTE = 60;

openDesk(({ may }) => {
  const load = part(byId('keys'), () => get(`${PATH}?limit=200`), ({ keys }) => (keys.length > 0
    ? el('ul', { class: 'plain' }, keys.map((key) => row(key, may.develop, load)))
    : empty('No keys yet.')));
  onSubmit(byId('new-form'), async ({ label, expires, monthly_quota: quota, is_test: isTest }) => {
    const body = { label: label.trim(), is_test: isTest === 'on' };
    if (expires) body.expires_at = `${expires}T00:00:00Z`;
    if (quota) body.monthly_quota = Number(quota);
    showOnce(await send('POST', PATH, body));
    byId('new-form').reset();
    await load();
  });
  load();
});

function showOnce({ api_key: text, key }) {
  const code = el('code', { id: 'shown-key' }, text);
  const copy = el('button', { type: 'button', class: 'button quiet compact', 'data-copy': 'shown-key' }, 'Copy key');
  fill(byId('shown'),
    el('p', {}, `${key.label}: keep it somewhere safe now. `, el('strong', {}, 'It is not shown again.')),
    el('div', { class: 'code' }, el('pre', {}, code), copy));
  copies(copy, () => text);
}

function row(key, can, load) {
  const path = `${PATH}/${encodeURIComponent(key.id)}`;
  const uses = key.monthly_quota === null ? count(key.monthly_usage)
    : `${count(key.monthly_usage)} of ${count(key.monthly_quota)}`;
  const facts = [
    `made ${date(key.created_at)} by ${key.created_by}`,
    key.last_used_at ? `last used ${date(key.last_used_at)}` : 'never used',
    `${uses} calls this month`,
    key.expires_at && `until ${date(key.expires_at)}`,
  ].filter(Boolean).join(', ');
  const works = key.status === 'active' || key.status === 'disabled';
  const name = (what) => ({ can, name: `${what} ${key.label}` });
  return el('li', { class: 'row' },
    el('div', {}, el('strong', {}, key.label), ' ', el('code', {}, key.hint), ' ',
      el('span', { class: `badge ${badges[key.status] ?? ''}` }, key.is_test ? `${key.status}, test` : key.status),
      el('span', { class: 'soft small block' }, facts)),
    el('div', { class: 'actions' }, works && [
      pressed('Change', () => change(key, path, load), name('Change')),
      key.status === 'active' && key.replaced_by === null
        && pressed('Rotate', () => rotate(key, path, load), name('Rotate')),
      pressed('Revoke', () => revoke(key, path, load), name('Revoke')),
    ]));
}

async function revoke(key, path, load) {
  const body = el('p', {}, 'Whatever uses it is refused from the next request on. This cannot be undone.');
  const question = { title: `Revoke ${key.label}?`, body, yes: 'Revoke it' };
  if (await askFirst(question, () => send('DELETE', path))) await load();
}

async function rotate(key, path, load) {
  const body = el('p', {}, 'You get a new key of the same settings. The old one works for another day.');
  const question = { title: `Rotate ${key.label}?`, body, yes: 'Make the new key' };
  if (await askFirst(question, async () => showOnce(await send('POST', `${path}/rotate`)))) await load();
}

async function change(key, path, load) {
  const perMinute = key.rate_limits.find((window) => window.seconds === MINUTE);
  const field = (id, label, value, more = {}) => {
    const input = el('input', { id, ...more });
    input.value = value ?? '';
    return [el('div', { class: 'field' }, el('label', { for: id }, label), input), input];
  };
  const number = { type: 'number', min: 0, step: 1 };
  const [labelField, label] = field('key-label', 'What it is for', key.label, { maxlength: 100 });
  const [quotaField, quota] = field('key-quota', 'Calls a month, at most', key.monthly_quota, number);
  const [rateField, rate] = field('key-rate', 'Requests a minute, at most', perMinute?.requests, number);
  const [networkField, networks] = field('key-networks', 'Only from these addresses, with spaces between',
    (key.networks ?? []).join(' '));
  const on = el('input', { type: 'checkbox', checked: key.status === 'active' });
  const others = key.rate_limits.filter((window) => window.seconds !== MINUTE);
  const save = () => send('PATCH', path, {
    label: label.value.trim(),
    enabled: on.checked,
    monthly_quota: quota.value === '' ? null : Number(quota.value),
    rate_limits: rate.value === '' ? others : [...others, { requests: Number(rate.value), seconds: MINUTE }],
    networks: networks.value.trim() === '' ? null : networks.value.trim().split(/[\s,]+/),
  });
  const body = [labelField, quotaField, rateField, networkField,
    el('label', { class: 'choice' }, on, 'It is switched on')];
  if (await askFirst({ title: `Change ${key.label}`, body, yes: 'Save' }, save)) await load();
}
