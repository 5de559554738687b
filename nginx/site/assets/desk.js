// The frame of the pages for members: who is signed in, in which account, and what their role lets them do.

import './theme-switch.js';
import { Refusal, get, signOut } from './api.js';
import { forgetCaller, hasSession } from './caller.js';
import { byId, el, fill } from './dom.js';
import { notice } from './notices.js';

const roles = {
  develop: ['owner', 'admin', 'developer'],
  bill: ['owner', 'admin', 'billing'],
  manage: ['owner', 'admin'],
};
const who = { develop: 'developers', bill: 'billing members' };
const troubles = {
  suspended: 'This account is suspended: its keys are refused. You can still look, and pay.',
  restricted: 'Invoices are overdue: nothing that costs can be used until they are paid.',
};

/**
 * Shows the page to a member: `show({ account, may })`, where `may.bill`, `may.develop` and `may.manage` say what the
 * role is good for. What it is not good for is seen and cannot be used: `data-may` names it on buttons and fieldsets.
 */
export async function openDesk(show) {
  byId('sign-out').addEventListener('click', leave);
  if (!hasSession()) return askToSignIn();
  try {
    const account = await get('/api/v1/account');
    const may = Object.fromEntries(Object.entries(roles).map(([what, list]) => [what, list.includes(account.role)]));
    frame(account, may);
    byId('desk').hidden = false;
    show({ account, may });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    tell(error);
  }
}

/** Says at the top of the page what went wrong; who is no longer signed in is shown the way back. */
export function tell(refusal) {
  if (refusal.status === 401) return askToSignIn();
  notice(refusal.message, 'bad');
}

/** Operators find their page from everywhere. */
export function showOperatorLink({ is_operator: isOperator }) {
  byId('operator-link').hidden = isOperator !== true;
}

function frame(account, may) {
  showOperatorLink(account);
  byId('sign-out').hidden = false;
  const role = String(account.role);
  byId('desk-account').textContent = `${account.name}, where you are ${/^[ao]/.test(role) ? 'an' : 'a'} ${role}`;
  for (const node of document.querySelectorAll('[data-may]')) node.disabled = !may[node.dataset.may];
  for (const node of document.querySelectorAll('[data-may-note]')) {
    const what = node.dataset.mayNote;
    node.hidden = may[what];
    node.textContent = `Only owners, admins${who[what] ? ` and ${who[what]}` : ''} can change this.`;
  }
  const trouble = troubles[account.status] ?? troubles[account.restriction];
  if (trouble) notice(trouble, 'warn');
}

function askToSignIn() {
  forgetCaller();
  byId('desk').hidden = true;
  byId('sign-out').hidden = true;
  fill(byId('door'), el('h1', { tabindex: -1 }, 'Sign in first'),
    el('p', { class: 'soft' }, 'This page is for members of an account. A key alone does not open it.'),
    el('p', {}, el('a', { class: 'button', href: '/dashboard.html' }, 'Sign in')));
  byId('door').hidden = false;
  byId('door').querySelector('h1').focus();
}

async function leave() {
  try {
    await signOut();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status !== 401) return notice(`You are still signed in: ${error.message}`, 'bad');
  }
  forgetCaller();
  location.assign('/dashboard.html');
}
