// Coming back from the checkout. The provider tells the server by webhook, which may arrive after the reader does,
// so a paid balance is asked for a few times before the page gives up waiting.

import { money } from './format.js';
import { notice } from './notices.js';

const PAUSES_MS = [0, 1000, 1000, 2000, 2000, 3000, 4000, 5000, 5000, 5000];

/** Takes `payment=success|cancel` out of the address and answers which it was, or null. */
export function takePaymentOutcome() {
  const url = new URL(location.href);
  const outcome = url.searchParams.get('payment');
  if (outcome === null) return null;
  url.searchParams.delete('payment');
  url.searchParams.delete('session_id');
  history.replaceState(history.state, '', url.pathname + url.search + url.hash);
  return outcome === 'success' || outcome === 'cancel' ? outcome : null;
}

/** Says how the payment went; `loadBalance()` refreshes the page and answers what is owed now, or null if unknown. */
export async function followPayment(outcome, loadBalance) {
  if (outcome === 'cancel') {
    notice('Payment cancelled. Nothing was charged.', 'warn');
    return;
  }
  const words = notice('Payment received, thank you. Updating your balance…', 'good');
  let balance = null;
  for (const pause of PAUSES_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    balance = await loadBalance();
    if (balance !== null && balance <= 0) {
      words.say(`Payment received, thank you. Your balance is ${money(balance)}.`);
      return;
    }
  }
  words.say('Payment received, thank you. It is still being booked: refresh in a minute to see the new balance.');
}
