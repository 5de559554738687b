// The page of the partner program: apps, their campaigns, and what those earn people. Each part asks for itself; what
// is done in one is asked for again in those that it changes.

import { openDesk } from './desk.js';
import { byId } from './dom.js';
import { setBusy } from './forms.js';
import { timeOfDay } from './format.js';
import { apps } from './partners/apps.js';
import { campaigns } from './partners/campaigns.js';
import { fraud } from './partners/fraud.js';
import { overview } from './partners/overview.js';
import { rewards } from './partners/rewards.js';

const parts = { overview, apps, campaigns, rewards, fraud };

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
});
