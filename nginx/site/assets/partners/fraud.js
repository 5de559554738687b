// What was flagged as looking like fraud: it earns nothing until somebody has looked at it.

import { send } from '../api.js';
import { askFirst } from '../ask-first.js';
import { byId, el } from '../dom.js';
import { count, date } from '../format.js';
import { pressed } from '../part.js';
import { pages } from './pages.js';

const PATH = '/api/partner/fraud';

export const fraud = (desk) => pages(byId('fraud'), () => `${PATH}?filter=open&limit=10`, {
  items: (answer) => {
    byId('fraud-count').textContent = answer.openCount > 0 ? `${count(answer.openCount)} to look at` : '';
    return answer.flags;
  },
  row: (flag) => row(flag, desk),
  nothing: () => 'Nothing waits for you to look at.',
});

function row(flag, desk) {
  const { referralCode: code, referrerId, conversionId, campaign, app } = flag;
  const what = `${conversionId === null ? 'The code' : 'A conversion by the code'} ${code} of ${referrerId}`;
  const name = (label) => ({ can: desk.may.develop, name: `${label}: ${code}` });
  return el('li', { class: 'row' },
    el('div', {}, el('strong', {}, what), ' ', el('span', { class: 'badge warn' }, `risk ${count(flag.riskScore)}`),
      el('ul', { class: 'reasons' }, flag.reasons.map((reason) => el('li', {}, reason))),
      el('span', { class: 'soft small block' }, `${campaign.name} of ${app.name}, ${date(flag.createdAt)}`)),
    el('div', { class: 'actions' },
      pressed('Legitimate', () => resolve(flag, 'legitimate', desk), name('Legitimate')),
      pressed('Fraud', () => resolve(flag, 'fraud', desk), name('Fraud'))));
}

const questions = {
  legitimate: ['is legitimate', 'What waited for this counts, and earns as of its own time.', 'It is legitimate'],
  fraud: ['is fraud', 'What this brought counts for nothing, and what it earned is taken back.', 'It is fraud'],
};

async function resolve({ id, referralCode }, resolution, desk) {
  const [claim, what, yes] = questions[resolution];
  const question = { title: `${referralCode} ${claim}?`, body: el('p', {}, `${what} This cannot be undone.`), yes };
  const path = `${PATH}/${encodeURIComponent(id)}/resolve`;
  if (await askFirst(question, () => send('POST', path, { resolution }))) {
    await desk.changed('fraud', 'rewards', 'campaigns', 'apps', 'overview');
  }
}
