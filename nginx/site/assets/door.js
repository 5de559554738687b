// The way in: a session by password or key, a bare key, or a new account.

import { Refusal, ask, askForPassword, finishSignIn, register, signIn } from './api.js';
import { rememberKey, rememberSession } from './caller.js';
import { copies } from './copy.js';
import { byId } from './dom.js';
import { clearErrors, onSubmit } from './forms.js';
import { showProviders } from './providers.js';

const door = byId('door');
const tabs = [...door.querySelectorAll('[role="tab"]')];

/**
 * What brings a sign-in back that waits for its second factor, and the page to end at, where it is not this one. They
 * come behind the `#` after a provider's page.
 */
let { token: unfinished, next } = takeUnfinished();

/** Whether somebody is just signing in, whoever was signed in before. */
export const isUnfinished = () => unfinished !== null;

/** Wires the three ways in; `enter()` is called once somebody is signed in. */
export function wireDoor(enter) {
  wireTabs();
  wireSignIn(enter);
  wireCode(enter);
  wireForgotten();
  wireKey(enter);
  wireCreate(enter);
}

export function openDoor({ focus }) {
  door.hidden = false;
  showProviders(byId('providers'));
  byId('created').hidden = true;
  byId('created-key').textContent = '';
  byId('create-form').hidden = false;
  for (const form of door.querySelectorAll('form')) {
    form.reset();
    clearErrors(form);
  }
  chooseSecret('password');
  showStep(unfinished ? 'code' : 'sign-in');
  showTab(tabs.find((tab) => `#${tab.getAttribute('aria-controls')}` === location.hash) ?? tabs[0]);
  if (focus) byId('door-title').focus();
}

export function closeDoor() {
  door.hidden = true;
}

function wireTabs() {
  for (const tab of tabs) {
    tab.addEventListener('click', () => showTab(tab));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const place = tabs.indexOf(tab);
      const next = { Home: 0, End: tabs.length - 1 }[event.key] ?? (step && (place + step + tabs.length) % tabs.length);
      if (next === undefined) return;
      event.preventDefault();
      showTab(tabs[next]);
      tabs[next].focus();
    });
  }
  addEventListener('hashchange', () => {
    const tab = tabs.find((one) => `#${one.getAttribute('aria-controls')}` === location.hash);
    if (tab) showTab(tab);
  });
}

function showTab(chosen) {
  for (const tab of tabs) {
    tab.setAttribute('aria-selected', String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    byId(tab.getAttribute('aria-controls')).hidden = tab !== chosen;
  }
}

function wireSignIn(enter) {
  const form = byId('sign-in-form');
  form.addEventListener('change', ({ target }) => {
    if (target.name === 'with') chooseSecret(target.value);
  });
  onSubmit(form, async ({ email, password, api_key }) => {
    try {
      // A disabled field is not among the values, so exactly one of the two secrets is sent.
      await signIn(password === undefined ? { email, api_key: api_key.trim() } : { email, password });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'second_factor_required') throw error;
      unfinished = error.token;
      form.reset();
      chooseSecret('password');
      showStep('code', { focus: true });
      return;
    }
    rememberSession();
    form.reset();
    enter();
  });
}

function chooseSecret(name) {
  for (const field of byId('sign-in-form').querySelectorAll('[data-with]')) {
    const chosen = field.dataset.with === name;
    field.hidden = !chosen;
    field.querySelector('input').disabled = !chosen;
  }
}

function takeUnfinished() {
  const told = new URLSearchParams(location.hash.slice(1));
  const token = told.get('second-factor');
  if (token) history.replaceState(null, '', location.pathname + location.search);
  return { token, next: token && localPage(told.get('next')) };
}

/** Null for what is no page of this site: anybody can write a link to here. */
function localPage(path) {
  const url = path && URL.canParse(path, location.origin) ? new URL(path, location.origin) : null;
  return url?.origin === location.origin ? url.href : null;
}

/** Shows one of the forms that a sign-in is made of: sign-in, code or forgot. */
function showStep(step, { focus = false } = {}) {
  for (const name of ['sign-in', 'code', 'forgot']) {
    const form = byId(`${name}-form`);
    form.hidden = name !== step;
    clearErrors(form);
  }
  byId('forgot-sent').textContent = '';
  if (focus) byId(`${step}-form`).querySelector('input').focus();
}

function wireCode(enter) {
  const form = byId('code-form');
  const back = () => {
    unfinished = next = null;
    form.reset();
    showStep('sign-in', { focus: true });
  };
  onSubmit(form, async ({ code }) => {
    try {
      await finishSignIn(unfinished, code.trim());
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'invalid_token') throw error;
      back();
      byId('sign-in-form').querySelector('.form-error').textContent = error.message;
      return;
    }
    unfinished = null;
    rememberSession();
    form.reset();
    if (next) location.assign(next);
    else enter();
  });
  byId('code-back').addEventListener('click', back);
}

function wireForgotten() {
  const form = byId('forgot-form');
  byId('forgot-open').addEventListener('click', () => {
    const typed = byId('sign-in-email').value;
    showStep('forgot', { focus: true });
    byId('forgot-email').value = typed;
  });
  byId('forgot-back').addEventListener('click', () => showStep('sign-in', { focus: true }));
  onSubmit(form, async ({ email }) => {
    byId('forgot-sent').textContent = '';
    const { message } = await askForPassword(email);
    byId('forgot-sent').textContent = message;
  });
}

function wireKey(enter) {
  const form = byId('key-form');
  onSubmit(form, async ({ api_key }) => {
    const key = api_key.trim();
    // Asked once before it is kept, so that a wrong key is refused here, beside its field.
    await ask({ kind: 'key', key }, 'user');
    rememberKey(key);
    form.reset();
    enter();
  });
}

function wireCreate(enter) {
  const form = byId('create-form');
  let key = null;
  copies(byId('created-copy'), () => key);
  onSubmit(form, async ({ name, email, password }) => {
    const { user, message } = await register({ name: name.trim(), email, password });
    key = String(user.api_key);
    form.reset();
    form.hidden = true;
    byId('created').hidden = false;
    byId('created-key').textContent = key;
    byId('created-message').textContent = message ?? '';
    byId('created-title').focus();
  });
  byId('created-continue').addEventListener('click', () => {
    rememberKey(key);
    key = null;
    enter();
  });
}
