// Forms that say what is wrong beside the field it is wrong with.

import { Refusal } from './api.js';

/**
 * Sends the form by `submit(values)` when it is complete. While it runs the button is busy; a Refusal is shown, its
 * field errors beside their fields, the rest in the form's `.form-error`.
 */
export function onSubmit(form, submit) {
  const button = form.querySelector('button[type="submit"]');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-busy') === 'true') return;
    clearErrors(form);
    if (!checkFields(form)) return;
    setBusy(button, true);
    try {
      await submit(Object.fromEntries(new FormData(form)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      showRefusal(form, error);
    } finally {
      setBusy(button, false);
    }
  });
  form.addEventListener('input', ({ target }) => showFieldError(target, ''));
}

export function setBusy(button, busy) {
  button.setAttribute('aria-busy', String(busy));
  // aria-disabled, not disabled: a disabled button would lose the keyboard's place.
  button.setAttribute('aria-disabled', String(busy));
}

export function clearErrors(form) {
  for (const field of form.elements) showFieldError(field, '');
  form.querySelector('.form-error').textContent = '';
}

function checkFields(form) {
  let first = null;
  for (const field of form.elements) {
    if (!field.willValidate || field.validity.valid) continue;
    showFieldError(field, complaint(field));
    first ??= field;
  }
  first?.focus();
  return first === null;
}

function complaint(field) {
  if (field.validity.valueMissing) return 'Please fill this in.';
  if (field.validity.typeMismatch) return 'Please write a whole e-mail address, like name@example.com.';
  if (field.validity.tooShort) return `Please use at least ${field.minLength} characters.`;
  return field.validationMessage;
}

function showRefusal(form, refusal) {
  let first = null;
  for (const { field: name, message } of refusal.fields) {
    const field = form.elements.namedItem(String(name));
    if (!(field instanceof HTMLElement) || !field.hasAttribute('aria-describedby')) continue;
    showFieldError(field, String(message));
    first ??= field;
  }
  form.querySelector('.form-error').textContent = refusal.message;
  first?.focus();
}

function showFieldError(field, message) {
  const place = field.id ? document.getElementById(`${field.id}-error`) : null;
  if (!place) return;
  place.textContent = message;
  if (message) field.setAttribute('aria-invalid', 'true');
  else field.removeAttribute('aria-invalid');
}
