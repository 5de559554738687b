// The apps of the program. Each has a key of its own, which is shown whole once, when it is made.

import { get, send } from '../api.js';
import { askFirst } from '../ask-first.js';
import { copies } from '../copy.js';
import { byId, el, fill } from '../dom.js';
import { onSubmit } from '../forms.js';
import { count } from '../format.js';
import { part, pressed } from '../part.js';
import { empty } from '../tables.js';

export const APPS = '/api/partner/apps';
const GRACE_SECONDS = 86_400;

export function apps(desk) {
  onSubmit(byId('app-form'), async ({ name, website, monthlyLimit }) => {
    const limit = monthlyLimit ? Number(monthlyLimit) : null;
    showOnce(await send('POST', APPS, { name: name.trim(), website: website.trim(), monthlyLimit: limit }));
    byId('app-form').reset();
    await changed(desk);
  });
  return part(byId('apps'), () => get(APPS), (list) => (list.length > 0
    ? el('ul', { class: 'plain ruled' }, list.map((app) => row(app, desk)))
    : empty('No apps yet. An app makes codes for its users, by a key of its own.')));
}

const changed = (desk) => desk.changed('apps', 'campaigns', 'overview');

function showOnce({ name, apiKey: text }) {
  const code = el('code', { id: 'shown-key' }, text);
  const copy = el('button', { type: 'button', class: 'button quiet compact', 'data-copy': 'shown-key' }, 'Copy key');
  fill(byId('shown'),
    el('p', {}, `The key of ${name}: keep it somewhere safe now. `, el('strong', {}, 'It is not shown again.')),
    el('div', { class: 'code' }, el('pre', {}, code), copy));
  copies(copy, () => text);
}

function row(app, desk) {
  const uses = app.monthlyLimit === null ? count(app.currentUsage)
    : `${count(app.currentUsage)} of ${count(app.monthlyLimit)}`;
  const name = (what) => ({ can: desk.may.develop, name: `${what} ${app.name}` });
  const [keyed, rotating] = app.apiKey === null ? ['without a key', 'Make a key'] : [null, 'Rotate the key'];
  return el('li', { class: 'row' },
    el('div', {}, el('strong', {}, app.name), ' ', app.apiKey !== null && el('code', {}, app.apiKey), ' ',
      app.status !== 'ACTIVE' && el('span', { class: 'badge bad' }, app.status.toLowerCase()),
      el('span', { class: 'soft small block' }, [
        `${uses} calls this month`, keyed, `${count(app.totalReferrals)} codes`, `${count(app.totalClicks)} clicks`,
        `${count(app.totalConversions)} conversions`, app.website || null,
      ].filter(Boolean).join(', '))),
    el('div', { class: 'actions' },
      pressed('Change', () => change(app, desk), name('Change')),
      pressed(rotating, () => rotate(app, desk), name(`${rotating} of`)),
      pressed('Delete', () => remove(app, desk), name('Delete'))));
}

const place = (app) => `${APPS}/${encodeURIComponent(app.id)}`;

async function change(app, desk) {
  const field = (id, label, value, more = {}) => {
    const input = el('input', { id, ...more });
    input.value = value ?? '';
    return [el('div', { class: 'field' }, el('label', { for: id }, label), input), input];
  };
  const [nameField, name] = field('change-name', 'Name', app.name, { maxlength: 100 });
  const [siteField, site] = field('change-site', 'Web site', app.website, { maxlength: 2048, inputmode: 'url' });
  const [limitField, limit] = field('change-limit', 'Calls a month, at most', app.ownMonthlyLimit,
    { type: 'number', min: 0, step: 1 });
  const save = () => send('PATCH', place(app), {
    name: name.value.trim(),
    website: site.value.trim(),
    monthlyLimit: limit.value === '' ? null : Number(limit.value),
  });
  const question = { title: `Change ${app.name}`, body: [nameField, siteField, limitField], yes: 'Save' };
  if (await askFirst(question, save)) await changed(desk);
}

async function rotate(app, desk) {
  const later = el('input', { type: 'checkbox', checked: true });
  const body = app.apiKey === null ? el('p', {}, 'The app calls the API by it.') : [
    el('p', {}, 'Put the new key into your app. Calls by the old one are refused, at once or a day from now.'),
    el('label', { class: 'choice' }, later, 'The old key works for another day'),
  ];
  const question = { title: `A new key for ${app.name}?`, body, yes: 'Make the new key' };
  const grace = () => ({ graceSeconds: later.checked ? GRACE_SECONDS : 0 });
  const done = await askFirst(question, async () => showOnce(await send('POST', `${place(app)}/rotate-key`, grace())));
  if (done) await changed(desk);
}

async function remove(app, desk) {
  const body = el('p', {}, 'Its key is refused from the next call on, its campaigns end, and its webhooks are told '
    + 'nothing more. What was earned stays owed. This cannot be undone.');
  const question = { title: `Delete ${app.name}?`, body, yes: 'Delete it' };
  if (await askFirst(question, () => send('DELETE', place(app)))) await changed(desk);
}
