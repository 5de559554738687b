// What was used of everything that can run out.

import { get } from '../api.js';
import { byId, el } from '../dom.js';
import { count, date, money } from '../format.js';
import { part } from '../part.js';
import { empty } from '../tables.js';

const names = {
  shots: 'Shots', inferences: 'Inferences', calls: 'API calls', calls_day: 'API calls today',
  calls_total: 'API calls in all', keys: 'API keys', seats: 'Seats', apps: 'Apps', spending: 'Budget',
  embedding: 'Embeddings', tts: 'Speech', stt: 'Transcription', circuits: 'Circuits',
};

export const usage = () => part(byId('usage'), ask, ({ limits, credits }) => {
  const rows = limits.filter(({ kind }) => kind === 'plan' || kind === 'budget').map(line);
  if (credits.included_credits > 0) rows.push(creditLine(credits));
  return rows.length > 0 ? el('ul', { class: 'meters' }, rows) : empty('This plan has no limits.');
});

async function ask() {
  const [{ limits }, { credits }] = await Promise.all([get('/api/v1/limits'), get('/api/v1/billing/usage')]);
  return { limits, credits };
}

function line({ subject, kind, used, limit, resets_at: resets }) {
  const written = kind === 'budget' ? (amount) => money(amount, 'usd') : count;
  const name = names[subject] ?? subject;
  const end = resets ? `, anew on ${date(resets)}` : '';
  const words = limit === null ? `${written(used)}, without a limit` : `${written(used)} of ${written(limit)}${end}`;
  return meter(name, words, used, limit);
}

function creditLine({ used, included_credits: included, overage, overage_cost: cost }) {
  const beyond = overage > 0 ? `, ${count(overage)} beyond for ${money(cost, 'usd')}` : '';
  return meter('Credits of the plan', `${count(used)} of ${count(included)}${beyond}`, used, included);
}

function meter(name, words, used, limit) {
  const part = limit > 0 ? used / limit : 0;
  const kind = part >= 1 ? 'full' : part >= 0.8 ? 'near' : '';
  return el('li', { class: `meter ${kind}` },
    el('span', { class: 'meter-name' }, name), el('span', { class: 'meter-words' }, words),
    limit !== null && el('progress', { max: 100, value: Math.min(100, Math.round(part * 100)), 'aria-label': name }));
}
