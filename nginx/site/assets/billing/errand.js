// Going to the payment provider's page for one thing, and coming back from it.

import { byId } from '../dom.js';
import { notice } from '../notices.js';

const ERRAND = 'purser.errand';
/** The provider tells the server by a webhook, which may arrive after the reader does. */
const PAUSES_MS = [2000, 3000, 5000, 10_000];
const words = {
  plan: 'Thank you. The plan begins as soon as the payment is booked, in a moment.',
  invoice: 'Thank you. The invoice is paid as soon as the payment is booked, in a moment.',
  credit: 'Thank you. The credit is here as soon as the payment is booked, in a moment.',
  card: 'Thank you. The card is listed below in a moment.',
};

/**
 * Leaves for the provider's page. The settings' pages, where it leads back to, bring the reader on to this one. The
 * promise is kept when they come back by the browser's own button instead, to the page as they left it.
 */
export function leaveFor(url, errand) {
  remember(errand);
  location.assign(url);
  return new Promise((resolve) => {
    addEventListener('pageshow', () => {
      remember(null);
      resolve();
    }, { once: true });
  });
}

function remember(errand) {
  try {
    if (errand === null) sessionStorage.removeItem(ERRAND);
    else sessionStorage.setItem(ERRAND, errand);
  } catch {
    // Then they stay on the page that the provider's leads back to.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(ERRAND);
  } catch {
    return null;
  }
}

/** Where somebody who is back from the provider goes on, or null: `outcome` is success or cancel. */
export function placeOfErrand(outcome) {
  return Object.hasOwn(words, remembered() ?? '') ? `/billing.html#${outcome}` : null;
}

/** Says how the errand went, and looks a few times whether it shows. */
export async function followErrand(refresh) {
  const outcome = location.hash.slice(1);
  if (outcome !== 'success' && outcome !== 'cancel') return;
  history.replaceState(history.state, '', location.pathname);
  const errand = remembered();
  remember(null);
  if (outcome === 'cancel') {
    notice('Called off. Nothing was charged.', 'warn');
    return;
  }
  notice(words[errand] ?? words.invoice, 'good');
  for (const pause of PAUSES_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    // Whoever has begun to type is not disturbed.
    if (!byId('desk').contains(document.activeElement)) await refresh();
  }
}
