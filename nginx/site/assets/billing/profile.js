// Who invoices are made out to.

import { get, send } from '../api.js';
import { byId } from '../dom.js';
import { onSubmit } from '../forms.js';
import { part } from '../part.js';

const fields = ['name', 'email', 'address', 'country', 'tax_id'];

export function profile(desk) {
  const form = byId('profile-form');
  onSubmit(form, async (values) => {
    byId('profile-done').textContent = '';
    const body = {};
    for (const name of fields) if (values[name].trim() !== '') body[name] = values[name].trim();
    if (body.country) body.country = body.country.toUpperCase();
    await send('PUT', '/api/v1/billing/profile', body);
    byId('profile-done').textContent = 'Saved, for the invoices from now on.';
    await desk.changed('profile', 'upcoming');
  });
  return part(byId('profile'), () => get('/api/v1/billing/profile'), (answer) => {
    for (const name of fields) {
      const field = form.elements.namedItem(name);
      if (field !== document.activeElement) field.value = answer[name];
    }
    const taxes = answer.tax_rates.map((rate) => `${rate.name} ${rate.percent} %`).join(', ');
    return `Payable within ${answer.days_to_pay} days${taxes ? `; ${taxes}` : ''}.`;
  });
}
