// The ticket form, and the number a ticket gets.

import { Attempt, ask } from './api.js';
import { byId, el, fill } from './dom.js';
import { onSubmit } from './forms.js';

export function wireTickets(caller) {
  const form = byId('ticket-form');
  const ticket = new Attempt();
  onSubmit(form, async ({ priority, subject, message }) => {
    fill(byId('ticket-result'));
    const body = { priority, subject: subject.trim(), message: message.trim() };
    const answer = await ticket.make(body, (what, key) => ask(caller(), 'ticket', what, key));
    form.reset();
    fill(byId('ticket-result'), el('div', { class: 'notice good' },
      el('p', {}, el('strong', {}, String(answer.ticket_id)), el('br'), String(answer.message))));
  });
}
