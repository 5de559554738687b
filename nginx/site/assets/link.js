// Where the links of our mails lead: `link.html#verify=…`, `#reset=…` or `#invite=…`.
// Mail scanners open links, and some run what is there: nothing is done before somebody presses the button.

import './theme-switch.js';
import { Refusal, acceptInvitation, readInvitation, resetPassword, verifyEmail } from './api.js';
import { rememberSession } from './caller.js';
import { byId } from './dom.js';
import { onSubmit } from './forms.js';

const errands = { verify: beginVerify, reset: beginReset, invite: beginInvite };

// A second link opened in the same tab changes the part behind the # alone.
addEventListener('hashchange', () => {
  if (location.hash) location.reload();
});
begin();

function begin() {
  const [[name, token] = []] = new URLSearchParams(location.hash.slice(1));
  if (!Object.hasOwn(errands, name ?? '') || !token) return;
  // Neither history nor a screen that is shared keeps it; a reload then needs the mail again.
  history.replaceState(null, '', location.pathname);
  show(name);
  errands[name](token);
}

function show(name) {
  for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== name;
  byId(`${name}-title`).focus({ preventScroll: true });
}

function finish(title, words) {
  byId('done-title').textContent = title;
  byId('done-words').textContent = words;
  show('done');
}

function beginVerify(token) {
  onSubmit(byId('verify-form'), async () => {
    await verifyEmail(token);
    finish('Thank you', 'Your mail address is confirmed.');
  });
}

function beginReset(token) {
  onSubmit(byId('reset-form'), async ({ password }) => {
    await resetPassword(token, password);
    byId('reset-form').reset();
    finish('Your password is set', 'Sign in with it now.');
  });
}

async function beginInvite(token) {
  const form = byId('invite-form');
  let isKnown = false;
  onSubmit(form, async ({ name, password }) => {
    try {
      const { name: account } = await acceptInvitation(token, isKnown ? null : { name: name.trim(), password });
      rememberSession();
      form.reset();
      finish('Welcome aboard', `You are a member of ${account}.`);
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) byId('invite-sign-in').hidden = false;
      throw error;
    }
  });
  try {
    const invitation = await readInvitation(token);
    isKnown = invitation.is_known;
    byId('invite-email').value = invitation.email;
    byId('invite-words').textContent =
      `${invitation.inviter} asks ${invitation.email} to join ${invitation.account} as ${invitation.role}.`;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    form.querySelector('.form-error').textContent = error.message;
    form.querySelector('button').hidden = true;
  }
  for (const field of form.querySelectorAll('[data-newcomer]')) {
    field.hidden = isKnown;
    field.querySelector('input').disabled = isKnown;
  }
  byId('invite-sign-in').hidden = !isKnown;
}
