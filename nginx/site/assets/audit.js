// Who did what in the account, newest first.

import { get } from './api.js';
import { openDesk } from './desk.js';
import { byId, el, fill } from './dom.js';
import { onSubmit } from './forms.js';
import { date, timeOfDay } from './format.js';
import { part, pressed } from './part.js';
import { empty, table } from './tables.js';

const words = { words: [1, 2, 3, 4] };

openDesk(({ may }) => {
  byId('audit-file').hidden = !may.manage;
  byId('audit-form').hidden = !may.manage;
  if (!may.manage) return;
  let query = '';
  const load = part(byId('entries'), () => get(`/api/v1/audit?limit=50${query}`), ({ entries, next }) => {
    if (entries.length === 0) return empty('Nothing of that kind.');
    const shown = show(entries);
    const more = el('div');
    const offer = (after) => fill(more, after !== null && pressed('Show older ones', async () => {
      const page = await get(`/api/v1/audit?limit=50${query}&after=${after}`);
      shown.querySelector('tbody').append(...show(page.entries).querySelectorAll('tbody tr'));
      offer(page.next);
    }));
    offer(next);
    return [shown, more];
  });
  onSubmit(byId('audit-form'), async ({ actor, action }) => {
    const wanted = new URLSearchParams();
    if (actor.trim()) wanted.set('actor', actor.trim());
    if (action.trim()) wanted.set('action', action.trim());
    byId('audit-file').href = `/api/v1/audit.csv?${wanted}`;
    query = wanted.size > 0 ? `&${wanted}` : '';
    await load();
  });
  load();
});

function show(entries) {
  return table(['When', 'What', 'By whom', 'About', 'From'], entries.map((entry) => [
    `${date(entry.at)} ${timeOfDay(new Date(entry.at))}`, entry.action, entry.actor_name || entry.actor,
    `${entry.target}${detail(entry.detail)}`, entry.address,
  ]), null, words);
}

function detail(members) {
  const told = Object.entries(members ?? {}).map(([name, value]) => `${name} ${value}`).join(', ');
  return told ? ` (${told})` : '';
}
