// The dashboard: somebody signs in, three answers are asked for at once, each fills its own part of the page.

import './theme-switch.js';
import { Refusal, ask, get, sentence, signOut } from './api.js';
import { currentCaller, forgetCaller, hasSession, rememberSession } from './caller.js';
import { showBackends, showDaily } from './charts.js';
import { placeOfErrand } from './billing/errand.js';
import { showOperatorLink } from './desk.js';
import { closeDoor, isUnfinished, openDoor, wireDoor } from './door.js';
import { byId, el, fill } from './dom.js';
import { count, date, isDevKey, keyHint, money, timeOfDay } from './format.js';
import { setBusy } from './forms.js';
import { clearFirstSteps, describeFirstSteps, wireFirstSteps } from './first-steps.js';
import { showInvoices, wirePayment } from './invoices.js';
import { clearNotices, notice } from './notices.js';
import { followPayment, takePaymentOutcome } from './payment-return.js';
import { wireTickets } from './tickets.js';

const waiting = () => el('span', { class: 'waiting', 'aria-hidden': 'true' });

/** Who is signed in on this page, as currentCaller() says. */
let caller = null;
/** What the checkout said, until somebody is signed in to be told. */
let paymentOutcome = takePaymentOutcome();
/** The page from which the checkout was opened, where it was not this one. */
const onward = paymentOutcome && placeOfErrand(paymentOutcome);

const usageFigures = ['figure-shots', 'figure-spent', 'figure-molecules'];
const parts = {
  user: { places: ['who'], show: showUser },
  usage: { places: [...usageFigures, 'daily', 'backends'], show: showUsage },
  invoices: { places: ['figure-balance', 'invoices'], show: showBalance },
};

function enter() {
  caller = currentCaller();
  closeDoor();
  clearNotices();
  byId('desk').hidden = false;
  byId('sign-out').hidden = false;
  byId('dev-mark').hidden = !isDevKey(caller.key);
  showPages();
  document.title = 'Dashboard · Purser';
  for (const { places } of Object.values(parts)) for (const place of places) fill(byId(place), waiting());
  byId('first-steps').hidden = true;
  byId('charts').hidden = false;
  byId('desk-title').focus({ preventScroll: true });
  const outcome = paymentOutcome;
  paymentOutcome = null;
  if (outcome === 'success') loadAll(['user', 'usage']);
  else loadAll(Object.keys(parts));
  if (outcome) followPayment(outcome, () => load('invoices'));
}

/** The account's other pages are for who has signed in: a key does not open them. */
function showPages() {
  const isMember = caller.kind === 'session';
  byId('desk-nav').hidden = !isMember;
  byId('key-note').hidden = isMember;
  if (!isMember) return;
  get('/api/v1/account').then(showOperatorLink).catch((error) => {
    // The parts of the page say what is wrong.
    if (!(error instanceof Refusal)) throw error;
  });
}

function leave(reason) {
  caller = null;
  forgetCaller();
  byId('desk').hidden = true;
  byId('sign-out').hidden = true;
  byId('dev-mark').hidden = true;
  // What the next person at this screen must not find, though hidden.
  for (const { places } of Object.values(parts)) for (const place of places) fill(byId(place));
  clearFirstSteps();
  fill(byId('ticket-result'));
  byId('ticket-form').reset();
  document.title = 'Sign in · Purser';
  clearNotices();
  openDoor({ focus: true });
  if (reason) notice(reason, 'warn');
}

async function loadAll(names) {
  setBusy(byId('refresh'), true);
  await Promise.all(names.map(load));
  setBusy(byId('refresh'), false);
  byId('updated').textContent = `Updated ${timeOfDay(new Date())}`;
}

/** Loads one part and shows it. Answers what its `show` answers; null when it failed or the caller has changed. */
async function load(name) {
  const asked = caller;
  if (asked === null) return null;
  try {
    const answer = await ask(asked, name);
    return caller === asked ? parts[name].show(answer) : null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (caller === asked) failed(name, error);
    return null;
  }
}

function failed(name, refusal) {
  if (refusal.status === 401) {
    leave(caller.kind === 'key' ? sentence(refusal.message) : 'Your session has ended. Please sign in again.');
    return;
  }
  if (name === 'usage') {
    byId('first-steps').hidden = true;
    byId('charts').hidden = false;
  }
  const [first, ...others] = [...parts[name].places].reverse();
  for (const place of others) fill(byId(place), place.startsWith('figure') ? '–' : null);
  const again = el('button', { type: 'button', class: 'button quiet compact' }, 'Try again');
  again.addEventListener('click', () => {
    fill(byId(first), waiting());
    loadAll([name]);
  });
  fill(byId(first), el('div', { class: 'failed', role: 'alert' },
    el('p', { class: 'form-error' }, refusal.message), again));
}

function showUser(user) {
  const name = String(user.name ?? '');
  byId('desk-title').textContent = name || 'Dashboard';
  const hint = caller.key ? keyHint(caller.key) : shownHint(user);
  const facts = [['E-mail', user.email], ['Key', hint], ['Since', user.created_at && date(user.created_at)]];
  fill(byId('who'), el('dl', {}, facts.filter(([, value]) => value).map(([label, value]) => (
    el('div', {}, el('dt', {}, label), el('dd', { class: label === 'Key' ? 'mono' : null }, String(value)))
  ))));
  describeFirstSteps(caller, hint || 'YOUR_KEY');
}

// With a session the server knows keys as digests and hints only; whatever it gives is shown as a hint.
function shownHint(user) {
  const given = user.key_hint ?? user.api_key;
  if (!given) return null;
  return String(given).includes('…') || String(given).includes('...') ? String(given) : keyHint(String(given));
}

function showUsage(usage) {
  fill(byId('figure-shots'), count(usage.total_shots));
  fill(byId('figure-spent'), money(usage.total_spent));
  fill(byId('figure-molecules'), count(usage.molecules_designed));
  const unused = usage.total_shots === 0;
  byId('first-steps').hidden = !unused;
  byId('charts').hidden = unused;
  if (unused) {
    fill(byId('daily'));
    fill(byId('backends'));
    return;
  }
  const names = Object.keys(usage.backends ?? {}).length;
  byId('backends-count').textContent = `${count(names)} used, all time`;
  showDaily(byId('daily'), usage.daily_usage);
  showBackends(byId('backends'), usage.backends);
}

function showBalance(answer) {
  const balance = answer.current_balance;
  const words = balance > 0 ? 'to pay' : balance < 0 ? 'in credit' : 'nothing owed';
  fill(byId('figure-balance'), money(Math.abs(balance), answer.currency), el('small', {}, words));
  showInvoices(answer);
  return balance;
}

wireDoor(enter);
wirePayment(() => caller);
wireTickets(() => caller);
wireFirstSteps(() => caller);
byId('refresh').addEventListener('click', () => {
  if (byId('refresh').getAttribute('aria-busy') !== 'true') loadAll(Object.keys(parts));
});
byId('sign-out').addEventListener('click', async () => {
  try {
    if (caller.kind === 'session' || hasSession()) await signOut();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status !== 401) {
      notice(`You are still signed in: ${error.message}`, 'bad');
      return;
    }
  }
  leave();
});

// A sign-in provider's way back ends here; the session's cookie is nothing that scripts can see.
if (location.hash.startsWith('#signed-in')) {
  rememberSession();
  history.replaceState(null, '', location.pathname + location.search);
}
if (onward) {
  location.replace(onward);
} else if (currentCaller() && !isUnfinished()) {
  enter();
} else {
  document.title = 'Sign in · Purser';
  openDoor({ focus: false });
  if (paymentOutcome === 'success') notice('Payment received, thank you. Sign in to see your balance.', 'good');
  if (paymentOutcome === 'cancel') notice('Payment cancelled. Nothing was charged.', 'warn');
}
