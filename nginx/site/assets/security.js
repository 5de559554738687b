// Where one is signed in, the password, and the second factor.

import { get, send } from './api.js';
import { askFirst } from './ask-first.js';
import { openDesk } from './desk.js';
import { byId, el, fill } from './dom.js';
import { onSubmit } from './forms.js';
import { date, timeOfDay } from './format.js';
import { part, pressed } from './part.js';

const SESSIONS = '/api/v1/me/sessions';

openDesk(() => {
  const load = part(byId('sessions'), () => get(SESSIONS), ({ sessions }) => {
    showFactor(sessions.find((one) => one.current)?.second_factor === true, load);
    const others = async () => {
      await send('POST', `${SESSIONS}/end-others`);
      await load();
    };
    return [
      el('ul', { class: 'plain' }, sessions.map((one) => row(one, load))),
      sessions.length > 1 && pressed('Sign out everywhere else', others),
    ];
  });
  wireFactor(load);
  onSubmit(byId('password-form'), async (values) => {
    byId('password-done').textContent = '';
    await send('POST', '/api/v1/me/password', values);
    byId('password-form').reset();
    byId('password-done').textContent = 'Changed. You are signed out everywhere else.';
    await load();
  });
  load();
});

function row(session, load) {
  const end = async () => {
    await send('DELETE', `${SESSIONS}/${session.id}`);
    await load();
  };
  const seen = new Date(session.last_seen_at);
  return el('li', { class: 'row' },
    el('div', {}, session.user_agent || 'An unnamed program', ' ',
      session.current && el('span', { class: 'badge good' }, 'This one'),
      el('span', { class: 'soft small block' }, `${session.address}, in ${session.account.name}, last seen `
        + `${date(session.last_seen_at)} ${timeOfDay(seen)}`)),
    !session.current && pressed('Sign out there', end));
}

/** Whether it is on is known of sessions that showed it. */
function showFactor(isOn, load) {
  byId('factor-form').hidden = isOn;
  if (isOn) {
    fill(byId('factor'), el('p', {}, 'It is on: you sign in with a code of your authenticator. '),
      el('div', { class: 'actions' },
        pressed('New recovery codes', () => showAndAsk('Make new recovery codes?', 'recovery-codes', load)),
        pressed('Turn it off', () => showAndAsk('Turn the second factor off?', 'remove', load))));
    return;
  }
  fill(byId('factor'), el('p', { class: 'soft' },
    'A code of an authenticator, asked for beside your password, keeps out whoever has learnt the password.'));
}

/** Both are done on showing the factor once more. */
async function showAndAsk(title, what, load) {
  const code = el('input', { id: 'factor-again', autocomplete: 'one-time-code', maxlength: 64 });
  const body = el('div', { class: 'field' }, el('label', { for: 'factor-again' }, 'Code'), code);
  const done = await askFirst({ title, body, yes: 'Go on' }, async () => {
    const answer = await send('POST', `/api/v1/me/totp/${what}`, { code: code.value.trim() });
    if (answer.recovery_codes) showCodes(answer.recovery_codes);
  });
  if (done) await load();
}

function wireFactor(load) {
  onSubmit(byId('factor-form'), async ({ password }) => {
    const answer = await send('POST', '/api/v1/me/totp', password ? { password } : {});
    byId('factor-secret').textContent = answer.secret;
    byId('factor-link').href = /^otpauth:/.test(answer.otpauth_url) ? answer.otpauth_url : '#';
    byId('factor-form').reset();
    byId('factor-form').hidden = true;
    byId('code-form').hidden = false;
    byId('factor-code').focus();
  });
  onSubmit(byId('code-form'), async ({ code }) => {
    const { recovery_codes: codes } = await send('POST', '/api/v1/me/totp/confirm', { code: code.trim() });
    byId('factor-secret').textContent = '';
    byId('code-form').reset();
    byId('code-form').hidden = true;
    showCodes(codes);
    await load();
  });
}

function showCodes(codes) {
  fill(byId('recovery'),
    el('p', {}, 'Each of these recovery codes takes the place of your authenticator once. ',
      el('strong', {}, 'They are not shown again.')),
    el('pre', { class: 'code' }, codes.join('\n')));
}
