// Who is calling: an API key held by this tab alone, or a session whose cookie scripts cannot see.
// The key lives in sessionStorage and goes nowhere else. For a session only the fact that there is one is noted,
// so that a page opened without one does not have to ask the server and be refused.

const KEY = 'purser.key';
const SESSION = 'purser.session';
const fallback = new Map();

function stored(area, name) {
  try {
    return area().getItem(name);
  } catch {
    return fallback.get(name) ?? null;
  }
}

function store(area, name, value) {
  try {
    if (value === null) area().removeItem(name);
    else area().setItem(name, value);
  } catch {
    if (value === null) fallback.delete(name);
    else fallback.set(name, value);
  }
}

const tab = () => sessionStorage;
const browser = () => localStorage;

/** `{kind: 'key', key}`, `{kind: 'session'}`, or null when nobody has signed in. */
export function currentCaller() {
  const key = stored(tab, KEY);
  if (key) return { kind: 'key', key };
  return hasSession() ? { kind: 'session' } : null;
}

export const hasSession = () => stored(browser, SESSION) !== null;

export function rememberKey(key) {
  store(tab, KEY, key);
}

export function rememberSession() {
  store(tab, KEY, null);
  store(browser, SESSION, 'yes');
}

export function forgetCaller() {
  store(tab, KEY, null);
  store(browser, SESSION, null);
}
