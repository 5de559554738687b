// Buttons for the providers at which people may sign in, where there are any.

import { Refusal, exchange } from './api.js';
import { el, fill } from './dom.js';
import { setBusy } from './forms.js';
import { notice } from './notices.js';

/** Fills `place`, which stays hidden without providers; without them one still signs in by password. */
export async function showProviders(place) {
  const { json } = await exchange('GET', '/auth/oidc/providers').catch(() => ({}));
  const providers = json?.providers ?? [];
  fill(place, ...providers.map(button));
  place.hidden = providers.length === 0;
}

function button({ id, name }) {
  const made = el('button', { type: 'button', class: 'button quiet' }, `Continue with ${name}`);
  made.addEventListener('click', () => go(id, made));
  return made;
}

async function go(id, pressed) {
  if (pressed.getAttribute('aria-busy') === 'true') return;
  setBusy(pressed, true);
  try {
    const { status, json } = await exchange('POST', `/auth/oidc/${encodeURIComponent(id)}/start`, { body: {} });
    if (status !== 200) throw new Refusal(status, String(json?.detail ?? `The server answered ${status}.`));
    location.assign(json.url);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    notice(error.message, 'bad');
    setBusy(pressed, false);
  }
}
