// A part of a page that asks a question of its own: it shows that it waits, what it was answered, or why it was not.

import { Refusal } from './api.js';
import { tell } from './desk.js';
import { el, fill } from './dom.js';
import { setBusy } from './forms.js';

/**
 * Answers a function that asks `ask()` and fills `place` with what `show(answer)` makes of it. It answers what it was
 * told, or null.
 */
export function part(place, ask, show) {
  return async function load() {
    if (!place.hasChildNodes()) fill(place, el('span', { class: 'waiting', 'aria-hidden': 'true' }));
    try {
      const answer = await ask();
      put(place, show(answer));
      return answer;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 401) tell(error);
      else put(place, failed(error, load));
      return null;
    }
  };
}

/** Who was in the midst of what is replaced goes on at its heading. */
function put(place, ...children) {
  const held = place.contains(document.activeElement);
  fill(place, ...children);
  if (!held) return;
  const heading = place.closest('section')?.querySelector('h2');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus();
}

function failed(refusal, load) {
  const again = pressed('Try again', load);
  return el('div', { class: 'failed', role: 'alert' }, el('p', { class: 'form-error' }, refusal.message), again);
}

/**
 * A button that does `act()` when it is pressed, and is busy meanwhile. A Refusal is told by `refused`, else at the
 * top of the page. `can` is whether the reader may press it at all.
 */
export function pressed(label, act, { can = true, kind = 'quiet compact', refused = tell, name = null } = {}) {
  const button = el('button', { type: 'button', class: `button ${kind}`, disabled: !can, 'aria-label': name }, label);
  button.addEventListener('click', async () => {
    if (button.getAttribute('aria-busy') === 'true') return;
    setBusy(button, true);
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused(error);
    } finally {
      setBusy(button, false);
    }
  });
  return button;
}
