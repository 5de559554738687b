// Who belongs to the account and as what, and who was asked to.

import { get, send } from './api.js';
import { askFirst } from './ask-first.js';
import { openDesk, tell } from './desk.js';
import { byId, el, fill } from './dom.js';
import { onSubmit } from './forms.js';
import { date } from './format.js';
import { notice } from './notices.js';
import { part, pressed } from './part.js';
import { empty } from './tables.js';

const roles = {
  owner: 'Owner: everything', admin: 'Admin: all but owners', developer: 'Developer: keys and webhooks',
  billing: 'Billing: plans and payments', viewer: 'Viewer: looks only',
};
const options = (chosen) => Object.entries(roles).map(([role, words]) => (
  el('option', { value: role, selected: role === chosen }, words)));

openDesk(({ may, account }) => {
  const members = part(byId('members'), () => get('/api/v1/members'), (answer) => (
    el('ul', { class: 'plain' }, answer.members.map((one) => memberRow(one, may.manage, account, members)))));
  const invitations = may.manage ? part(byId('invitations'), () => get('/api/v1/invitations'), (answer) => (
    answer.invitations.length > 0
      ? el('ul', { class: 'plain' }, answer.invitations.map((one) => invitationRow(one, invitations)))
      : empty('Nobody has been asked who has not answered.'))) : () => {};
  fill(byId('invite-role'), options('developer'));
  onSubmit(byId('invite-form'), async ({ email, role }) => {
    await send('POST', '/api/v1/invitations', { email: email.trim(), role });
    byId('invite-form').reset();
    await invitations();
  });
  members();
  invitations();
});

function memberRow(member, can, account, load) {
  const path = `/api/v1/members/${encodeURIComponent(member.id)}`;
  const role = el('select', { 'aria-label': `Role of ${member.name}`, disabled: !can }, options(member.role));
  role.addEventListener('change', async () => {
    try {
      await send('PATCH', path, { role: role.value });
      notice(`${member.name} is now ${role.value}.`, 'good');
    } catch (refusal) {
      tell(refusal);
    }
    await load();
  });
  const leave = async () => {
    const body = el('p', {}, 'You can come back only when somebody invites you.');
    const done = await askFirst({ title: `Leave ${account.name}?`, body, yes: 'Leave' },
      () => send('POST', '/api/v1/members/leave'));
    if (done) location.assign('/dashboard.html');
  };
  const remove = async () => {
    const body = el('p', {}, 'They are signed out of this account at once. Keys that they made go on working.');
    const question = { title: `Remove ${member.name}?`, body, yes: 'Remove them' };
    if (await askFirst(question, () => send('DELETE', path))) await load();
  };
  return el('li', { class: 'row' },
    el('div', {}, el('strong', {}, member.name), member.is_self && ' (you)',
      el('span', { class: 'soft small block' }, `${member.email}, since ${date(member.joined_at)}`)),
    el('div', { class: 'actions' }, role, member.is_self
      ? pressed('Leave', leave) : pressed('Remove', remove, { can, name: `Remove ${member.name}` })));
}

function invitationRow({ id, email, role, invited_by: by, expires_at: end }, load) {
  const path = `/api/v1/invitations/${encodeURIComponent(id)}`;
  const again = async () => {
    await send('POST', `${path}/resend`);
    notice(`The invitation was sent to ${email} once more.`, 'good');
    await load();
  };
  const cancel = async () => {
    await send('DELETE', path);
    await load();
  };
  return el('li', { class: 'row' },
    el('div', {}, el('strong', {}, email),
      el('span', { class: 'soft small block' }, `asked as ${role} by ${by}, until ${date(end)}`)),
    el('div', { class: 'actions' }, pressed('Send again', again, { name: `Send again to ${email}` }),
      pressed('Take back', cancel, { name: `Take back from ${email}` })));
}
