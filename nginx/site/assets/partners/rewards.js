// What people earned by conversions, and what becomes of it.

import { send } from '../api.js';
import { askFirst } from '../ask-first.js';
import { byId, el } from '../dom.js';
import { date, worth } from '../format.js';
import { pressed } from '../part.js';
import { pages } from './pages.js';

const PATH = '/api/partner/rewards';
const roles = ['who was referred', 'who referred', 'their referrer'];
const reasons = {
  owner: 'by a member', fraud: 'as fraud', refund: 'by a refund', dispute: 'by a dispute', expired: 'too late',
};
const nothing = {
  APPROVED: 'Nothing waits to be paid.', PENDING: 'Nothing is held back.', PAID: 'Nothing was paid yet.',
  CANCELLED: 'Nothing was cancelled.',
};

export function rewards(desk) {
  const status = byId('rewards-status');
  const load = pages(byId('rewards'), () => `${PATH}?limit=10&status=${status.value}`, {
    items: (answer) => answer.rewards,
    row: (reward) => row(reward, desk),
    nothing: () => nothing[status.value],
  });
  status.addEventListener('change', load);
  return load;
}

function row(reward, desk) {
  const amount = worth(kept(reward), reward.currency);
  const can = desk.may.develop;
  const refused = (refusal) => { byId('rewards-error').textContent = refusal.message; };
  const name = (what) => ({ can, refused, name: `${what}: ${amount} for ${reward.userId}` });
  const set = async (status) => {
    byId('rewards-error').textContent = '';
    await send('PATCH', `${PATH}/${encodeURIComponent(reward.id)}`, { status });
  };
  const approve = async () => {
    await set('APPROVED');
    await changed(desk);
  };
  const isHeld = reward.status === 'PENDING';
  return el('li', { class: 'row' },
    el('div', {}, el('strong', {}, amount), ` for ${reward.userId}`,
      el('span', { class: 'soft small block' },
        `${reward.campaign.name}, ${roles[reward.level] ?? `level ${reward.level}`}, ${story(reward)}`)),
    (isHeld || reward.status === 'APPROVED') && el('div', { class: 'actions' },
      isHeld && pressed('Approve', approve, name('Approve')),
      pressed('Mark as paid', () => pay(reward, amount, set, desk), name('Mark as paid')),
      pressed('Cancel', () => cancel(reward, amount, set, desk), name('Cancel'))));
}

/** Of one that is cancelled, what it was. Cut to what currencies have, since a difference of fractions is not exact. */
const kept = ({ status, amount, takenBack }) => (
  status === 'CANCELLED' ? amount : Number((amount - takenBack).toFixed(3)));

function story(reward) {
  switch (reward.status) {
    case 'PENDING': return `held back until ${date(reward.heldUntil)}`;
    case 'PAID': return `paid ${date(reward.paidAt)}`;
    case 'CANCELLED': return `cancelled ${date(reward.cancelledAt)} ${reasons[reward.cancelReason] ?? ''}`.trim();
    default: return `due since ${date(reward.approvedAt)}${until(reward.expiresAt)}`;
  }
}

const until = (end) => (end === null ? '' : `, until ${date(end)}`);

const changed = (desk) => desk.changed('rewards', 'campaigns', 'overview');

async function pay(reward, amount, set, desk) {
  const body = el('p', {}, `Say so once ${reward.userId} has it: Purser pays nothing out by itself. Off it goes what `
    + 'had to be taken back of what they were paid before. This cannot be undone.');
  const question = { title: `Is ${amount} paid to ${reward.userId}?`, body, yes: 'It is paid' };
  if (await askFirst(question, () => set('PAID'))) await changed(desk);
}

async function cancel(reward, amount, set, desk) {
  const body = el('p', {}, 'They get nothing for this conversion. This cannot be undone.');
  const question = { title: `Cancel ${amount} for ${reward.userId}?`, body, yes: 'Cancel it', no: 'Keep it' };
  if (await askFirst(question, () => set('CANCELLED'))) await changed(desk);
}
