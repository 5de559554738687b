// The one client of the HTTP interface. A key goes as a bearer token to the paths that clients of the API use;
// a session goes by cookie to their counterparts under /api/v1/me, which give the same answers.

const DEADLINE_MS = 20_000;

/** The five endpoints of the dashboard. */
export const endpoints = {
  user: { method: 'GET', key: '/auth/user', session: '/api/v1/me' },
  usage: { method: 'GET', key: '/analytics/usage', session: '/api/v1/me/usage' },
  invoices: { method: 'GET', key: '/dashboard/invoices', session: '/api/v1/me/invoices' },
  payment: { method: 'POST', key: '/billing/create-payment', session: '/api/v1/me/payments' },
  ticket: { method: 'POST', key: '/support/ticket', session: '/api/v1/me/tickets' },
};

/** An answer that was not a success, or no answer at all (status 0). `message` is fit for the reader. */
export class Refusal extends Error {
  constructor(status, message, { fields = [], code = null, token = null, url = null } = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.fields = fields;
    this.code = code;
    /** What brings an unfinished sign-in back, where the code is second_factor_required. */
    this.token = token;
    /** A page where what is asked for can be paid, where the answer names one. */
    this.url = url;
  }

  /** True when the server may or may not have done what was asked. */
  get unsettled() {
    return this.status === 0 || this.status >= 500;
  }
}

/**
 * One exchange, whatever its outcome: `{status, headers, text, json, milliseconds}`; `json` is undefined when the
 * body is none. Throws a Refusal only when no answer came.
 */
export async function exchange(method, path, { caller = null, body, idempotencyKey } = {}) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (idempotencyKey) headers['Idempotency-Key'] = idempotencyKey;
  if (caller?.kind === 'key') headers.Authorization = `Bearer ${caller.key}`;
  // fetch would refuse such a header as it refuses a broken connection, by a TypeError.
  if (caller?.kind === 'key' && !/^[\x21-\x7e]+$/.test(caller.key)) throw new Refusal(0, 'This is not an API key.');
  const started = performance.now();
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      // A key speaks for itself: sending the cookie of another account along would only confuse.
      credentials: caller?.kind === 'key' ? 'omit' : 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await response.text();
    const milliseconds = performance.now() - started;
    return { status: response.status, headers: response.headers, text, json: parsed(text), milliseconds };
  } catch (error) {
    if (error.name === 'TimeoutError') throw new Refusal(0, 'The server took too long to answer. Please try again.');
    if (!(error instanceof TypeError)) throw error;
    throw new Refusal(0, 'The server could not be reached. Check the connection and try again.');
  }
}

/** The answer of one of the `endpoints` for this caller. Throws a Refusal. */
export function ask(caller, name, body, idempotencyKey) {
  const endpoint = endpoints[name];
  return request(endpoint.method, endpoint[caller.kind], { caller, body, idempotencyKey });
}

/** What a signed-in browser asks and orders by its cookie. They throw a Refusal. */
export const get = (path) => request('GET', path);
export const send = (method, path, body, idempotencyKey) => (
  request(method, path, { body: method === 'DELETE' ? undefined : body ?? {}, idempotencyKey }));

export const signIn = (credentials) => request('POST', '/auth/login', { body: credentials });
export const finishSignIn = (token, code) => request('POST', '/auth/login/totp', { body: { token, code } });
export const askForPassword = (email) => request('POST', '/auth/password/forgot', { body: { email } });
export const resetPassword = (token, password) => request('POST', '/auth/password/reset', { body: { token, password } });
export const verifyEmail = (token) => request('POST', '/auth/verify', { body: { token } });
/** What an invitation is to: `{account, role, inviter, email, is_known}`. Changes nothing. */
export const readInvitation = (token) => request('POST', '/auth/invitation', { body: { token } });
/** As a newcomer, with `{name, password}`, who is then signed in; or, without, as whoever is signed in. */
export const acceptInvitation = (token, person) => (
  request('POST', person ? '/auth/invitation/accept' : '/api/v1/me/invitations/accept', { body: { token, ...person } }));
export const register = (person) => request('POST', '/auth/register', { body: person });
export const signOut = () => request('POST', '/auth/logout', { body: {} });

async function request(method, path, options) {
  const answer = await exchange(method, path, options);
  if (answer.status < 200 || answer.status > 299) throw refusal(answer);
  if (answer.json === undefined && answer.text !== '') {
    throw new Refusal(answer.status, 'The server answered with something that is not JSON.');
  }
  return answer.json ?? {};
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal({ status, headers, json }) {
  const problem = json && typeof json === 'object' ? json : {};
  const said = problem.detail ?? problem.error ?? `The server answered ${status}.`;
  const fields = Array.isArray(problem.errors) ? problem.errors : [];
  let message = String(said);
  if (problem.code === 'payments_not_configured') {
    message = 'This site takes no payments yet: whoever runs it has not set up a payment provider.';
  } else if (status === 429 || status === 503) {
    message = `${sentence(message)} Try again ${after(headers.get('Retry-After'))}.`;
  }
  const url = typeof problem.url === 'string' && /^https?:\/\//.test(problem.url) ? problem.url : null;
  const { code = null, token = null } = problem;
  return new Refusal(status, message, { fields, code, token, url });
}

/** With a full stop, if it ends without one: the contract's sentences do. */
export const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** When to try again, in words, from a Retry-After of either form (RFC 9110, section 10.2.3). */
function after(value) {
  if (value === null) return 'in a moment';
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - Date.now()) / 1000);
  if (!(seconds > 0)) return 'now';
  if (seconds < 90) return seconds === 1 ? 'in 1 second' : `in ${seconds} seconds`;
  if (seconds < 5400) return `in ${Math.ceil(seconds / 60)} minutes`;
  return `in ${Math.ceil(seconds / 3600)} hours`;
}

/**
 * Keeps one idempotency key for as long as the same request has not been settled, so that trying again after a
 * broken connection does not do the thing twice.
 */
export class Attempt {
  #key = null;
  #body = null;

  async make(body, send) {
    const text = JSON.stringify(body);
    if (this.#key === null || this.#body !== text) {
      this.#key = randomKey();
      this.#body = text;
    }
    try {
      const answer = await send(body, this.#key);
      this.#key = null;
      return answer;
    } catch (error) {
      if (!(error instanceof Refusal && error.unsettled)) this.#key = null;
      throw error;
    }
  }
}

// crypto.randomUUID is missing on plain HTTP away from loopback; random bytes are not.
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
