// What the account is willing to spend in a month.

import { get, send } from '../api.js';
import { byId, el, fill } from '../dom.js';
import { onSubmit } from '../forms.js';
import { money } from '../format.js';
import { part, pressed } from '../part.js';

const PATH = '/api/v1/budget';

export function budget(desk) {
  onSubmit(byId('budget-form'), async ({ amount, stops }) => {
    await send('PUT', PATH, { amount: Number(amount), stops: stops === 'on' });
    await desk.changed('budget', 'usage');
  });
  const remove = async () => {
    await send('DELETE', PATH);
    byId('budget-form').reset();
    await desk.changed('budget', 'usage');
  };
  return part(byId('budget'), () => get(PATH), (answer) => {
    const { amount, stops, spent, percent } = answer;
    fill(byId('figure-spent'), money(spent, 'usd'), amount !== null && el('small', {}, `of ${money(amount, 'usd')}`));
    if (amount === null) return el('p', { class: 'soft' }, 'No budget is set. Use is not held back by one.');
    byId('budget-amount').value = amount;
    byId('budget-stops').checked = stops;
    const then = stops ? 'Use past it is refused.' : 'You are told when it is near, and use goes on.';
    return [
      el('p', {}, `${money(spent, 'usd')} of ${money(amount, 'usd')} spent this month, ${percent} %. ${then}`),
      pressed('Remove the budget', remove, { can: desk.may.bill }),
    ];
  });
}
