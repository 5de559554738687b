// Saved cards. A new one is typed at the payment provider, never here.

import { get, send } from '../api.js';
import { askFirst } from '../ask-first.js';
import { byId, el, fill } from '../dom.js';
import { part, pressed } from '../part.js';
import { empty } from '../tables.js';
import { leaveFor } from './errand.js';

const PATH = '/api/v1/billing/payment-methods';

export function cards(desk) {
  const error = byId('cards-error');
  const refused = (refusal) => { error.textContent = refusal.message; };
  const add = pressed('Add a card', async () => {
    error.textContent = '';
    const { url } = await send('POST', PATH);
    if (/^https?:\/\//.test(url ?? '')) await leaveFor(url, 'card');
  }, { can: desk.may.bill, refused });
  fill(byId('card-add'), add);
  return part(byId('cards'), () => get(PATH), (list) => (list.length > 0
    ? el('ul', { class: 'plain cards' }, list.map((card) => row(card, desk, refused)))
    : empty('No card is saved. With one, invoices are paid by themselves.')));
}

function row(card, desk, refused) {
  const name = `${brand(card)} ending in ${card.last4 ?? '????'}`;
  const expiry = card.exp_month && card.exp_year && `${String(card.exp_month).padStart(2, '0')}/${card.exp_year}`;
  const prefer = async () => {
    await send('POST', `${PATH}/${encodeURIComponent(card.id)}/default`);
    await desk.changed('cards');
  };
  return el('li', { class: 'row' },
    el('div', {}, el('span', {}, name), ' ', card.is_default && el('span', { class: 'badge good' }, 'Charged first'),
      expiry && el('span', { class: 'soft small block' }, `Expires ${expiry}`)),
    el('div', { class: 'actions' },
      !card.is_default && pressed('Charge this first', prefer,
        { can: desk.may.bill, refused, name: `Charge ${name} first` }),
      pressed('Remove', () => remove(card, name, desk), { can: desk.may.bill, refused, name: `Remove ${name}` })));
}

const brand = (card) => {
  const text = String(card.brand ?? card.type ?? 'Card');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

async function remove(card, name, desk) {
  const question = { title: `Remove ${name}?`, body: el('p', {}, 'It can then be charged no more.'), yes: 'Remove it' };
  const path = `${PATH}/${encodeURIComponent(card.id)}`;
  if (await askFirst(question, () => send('DELETE', path))) await desk.changed('cards', 'plans');
}
