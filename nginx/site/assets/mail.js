// For site operators: which mails wait or failed; where a folder takes the place of a mail server, also what they say.

import './theme-switch.js';
import { Refusal, exchange } from './api.js';
import { byId, el, fill } from './dom.js';
import { date, timeOfDay } from './format.js';
import { setBusy } from './forms.js';
import { clearNotices, notice } from './notices.js';

const PATH = '/api/v1/admin/mails';
const deliveries = {
  server: 'Mail goes out by a mail server. Only what waits or failed is listed; nobody reads it here.',
  folder: 'No mail server is set: mails are written to a folder, and can be read here.',
  off: 'No mail goes out: neither a mail server nor a folder is set. Mails wait.',
};
const badges = { sent: 'good', waiting: 'warn', failed: 'bad' };

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
    const { delivery, mails } = await get(PATH);
    byId('delivery').textContent = deliveries[delivery] ?? '';
    fill(byId('mails'), mails.length ? mails.map(line) : el('li', { class: 'soft' }, 'There are no mails.'));
  } catch (error) {
    tell(error);
  } finally {
    setBusy(byId('refresh'), false);
  }
}

function line(mail) {
  const parts = [
    el('span', { class: 'mail-title' }, mail.subject),
    el('span', { class: `badge ${badges[mail.status] ?? ''}` }, mail.status),
    el('span', { class: 'soft small' }, `${mail.to}, ${moment(mail.created_at)}`),
    mail.error ? el('span', { class: 'mail-error small' }, mail.error) : null,
  ];
  if (mail.id === null) return el('li', {}, el('div', { class: 'mail-line' }, ...parts));
  const button = el('button', { type: 'button', class: 'mail-line' }, ...parts);
  button.addEventListener('click', () => open(mail.id, button));
  return el('li', {}, button);
}

async function open(id, button) {
  try {
    const mail = await get(`${PATH}/${encodeURIComponent(id)}`);
    for (const other of byId('mails').querySelectorAll('[aria-current]')) other.removeAttribute('aria-current');
    button.setAttribute('aria-current', 'true');
    byId('mail-subject').textContent = mail.subject;
    byId('mail-head').textContent = `To ${mail.to}, ${moment(mail.created_at)}`;
    fill(byId('mail-text'), ...linked(mail.text));
    byId('mail').hidden = false;
    byId('mail-subject').focus();
  } catch (error) {
    tell(error);
  }
}

/** The text with its addresses as links. */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>]+)/).map((piece, at) => (at % 2 ? el('a', { href: piece }, piece) : piece));
}

const moment = (text) => `${date(text)} ${timeOfDay(new Date(text))}`;

function tell(error) {
  if (!(error instanceof Refusal)) throw error;
  notice(error.message, 'bad');
}

byId('refresh').addEventListener('click', load);
load();
