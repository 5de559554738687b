// The billing page: what the account is subscribed to, uses, owes and has paid. Each part asks for itself; what is
// done in one is asked for again in those that it changes.

import { balance } from './billing/balance.js';
import { budget } from './billing/budget.js';
import { cards } from './billing/cards.js';
import { coupons } from './billing/coupons.js';
import { credit } from './billing/credit.js';
import { creditNotes, invoices } from './billing/invoices.js';
import { followErrand } from './billing/errand.js';
import { plans } from './billing/plans.js';
import { profile } from './billing/profile.js';
import { subscription } from './billing/subscription.js';
import { upcoming } from './billing/upcoming.js';
import { usage } from './billing/usage.js';
import { openDesk } from './desk.js';
import { byId } from './dom.js';
import { setBusy } from './forms.js';
import { timeOfDay } from './format.js';

const parts = {
  balance, subscription, plans, upcoming, coupons, usage, invoices, creditNotes, cards, credit, budget, profile,
};

openDesk((member) => {
  const loads = {};
  const desk = {
    ...member,
    /** Asks again for the named parts, or for all. */
    changed: (...names) => Promise.all((names.length > 0 ? names : Object.keys(loads)).map((name) => loads[name]())),
  };
  for (const [name, wire] of Object.entries(parts)) loads[name] = wire(desk);
  const refresh = async () => {
    setBusy(byId('refresh'), true);
    await desk.changed();
    setBusy(byId('refresh'), false);
    byId('updated').textContent = `Updated ${timeOfDay(new Date())}`;
  };
  byId('refresh').addEventListener('click', () => {
    if (byId('refresh').getAttribute('aria-busy') !== 'true') refresh();
  });
  refresh();
  followErrand(refresh);
});
