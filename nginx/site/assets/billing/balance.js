// How the account stands.

import { get } from '../api.js';
import { byId, fill } from '../dom.js';
import { money } from '../format.js';
import { part } from '../part.js';

const figures = [
  ['owed', 'receivable'], ['unbilled', 'unbilled'], ['credit', 'credit'],
];

export const balance = () => part(byId('balance-error'), () => get('/api/v1/balance'), (answer) => {
  for (const [figure, name] of figures) fill(byId(`figure-${figure}`), money(answer[name], answer.currency));
  return [];
});
