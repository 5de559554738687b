// The way back from a sign-in provider: why nobody is signed in, or the question whether the identity there and the
// account here are one person's. What is to be done stands in the fragment, which no server sees.

import './theme-switch.js';
import { Refusal, exchange } from './api.js';
import { rememberSession } from './caller.js';
import { byId } from './dom.js';
import { onSubmit } from './forms.js';

const HOME = '/dashboard.html';
const reasons = {
  denied: 'The sign-in was called off at the provider.',
  stale: 'The sign-in took too long, or did not begin in this browser. Please begin again.',
  refused: 'What the provider said about you could not be believed. Please begin again.',
  unverified: 'The provider has not verified your mail address. Verify it there, or create an account with a password.',
  unavailable: 'The provider does not answer. Please try again in a few minutes.',
  closed: 'This account is closed to you. Please ask whoever runs this site.',
};

const told = new URLSearchParams(location.hash.slice(1));
// A token must not stay in the address bar, nor be found by the way back.
history.replaceState(null, '', location.pathname);

/** Brought back with the code. */
let halfSignIn = null;

async function post(path, body) {
  const { status, json } = await exchange('POST', path, { body });
  if (status >= 200 && status <= 299) return;
  if (json?.code === 'second_factor_required' && json.token) halfSignIn = json.token;
  const refusal = { fields: json?.errors ?? [], code: json?.code ?? null };
  throw new Refusal(status, String(json?.detail ?? `The server answered ${status}.`), refusal);
}

function show(name) {
  for (const part of ['trouble', 'door', 'code', 'consent']) byId(part).hidden = part !== name;
  byId(`${name}-title`).focus();
}

function fail(reason) {
  byId('trouble-reason').textContent = reasons[reason] ?? reasons.stale;
  show('trouble');
}

/** Asks whether to link, once somebody is signed in. */
async function goOn() {
  const me = await exchange('GET', '/api/v1/me');
  if (me.status !== 200) return show('door');
  byId('consent-person').textContent = `${me.json.name} (${me.json.email})`;
  show('consent');
}

async function nameProvider() {
  const { json } = await exchange('GET', '/auth/oidc/providers');
  const provider = json?.providers?.find(({ id }) => id === told.get('provider'));
  if (!provider) return;
  for (const place of document.querySelectorAll('[data-provider]')) place.textContent = provider.name;
}

onSubmit(byId('door-form'), async ({ email, password }) => {
  try {
    await post('/auth/login', { email, password });
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'second_factor_required') throw error;
    return show('code');
  }
  rememberSession();
  await goOn();
});

onSubmit(byId('code-form'), async ({ code }) => {
  await post('/auth/login/totp', { token: halfSignIn, code: code.trim() });
  rememberSession();
  await goOn();
});

onSubmit(byId('consent-form'), async () => {
  await post('/auth/oidc/link', { token: told.get('link') });
  rememberSession();
  location.replace(HOME);
});

if (told.has('link')) {
  nameProvider().catch(() => {});
  goOn().catch(() => fail('unavailable'));
} else fail(told.get('identity_error'));
