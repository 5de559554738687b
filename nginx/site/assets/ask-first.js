// A question before something is done that costs, or that cannot be undone.

import { Refusal } from './api.js';
import { el } from './dom.js';
import { setBusy } from './forms.js';

let number = 0;

/**
 * Asks in a dialog. On `yes` it does `act()`; a Refusal is said in the dialog, which stays open. Answers whether it was
 * done.
 */
export function askFirst({ title, body = [], yes, no = 'Not now' }, act) {
  number += 1;
  const id = `question-${number}`;
  const error = el('p', { class: 'form-error', role: 'alert' });
  const go = el('button', { type: 'button', class: 'button' }, yes);
  const back = el('button', { type: 'button', class: 'button quiet' }, no);
  const dialog = el('dialog', { class: 'question', 'aria-labelledby': id },
    el('h2', { id, tabindex: -1, autofocus: true }, title), body, error,
    el('div', { class: 'actions' }, go, back));
  document.body.append(dialog);
  return new Promise((resolve) => {
    let done = false;
    back.addEventListener('click', () => dialog.close());
    dialog.addEventListener('cancel', (event) => {
      // Not while it is being done: nobody would see how it ends.
      if (go.getAttribute('aria-busy') === 'true') event.preventDefault();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(done);
    });
    go.addEventListener('click', async () => {
      if (go.getAttribute('aria-busy') === 'true') return;
      error.textContent = '';
      setBusy(go, true);
      back.disabled = true;
      try {
        await act();
        done = true;
        dialog.close();
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        error.textContent = refusal.message;
      } finally {
        setBusy(go, false);
        back.disabled = false;
      }
    });
    dialog.showModal();
  });
}
