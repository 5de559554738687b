// How figures, money, dates and keys are written. One locale, because the pages are in English; all dates are UTC.

const currencies = new Map();
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const parts = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 });
const share = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
const shortDay = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });
const monthName = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'short', year: '2-digit' });
const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });

/** An amount with the decimals of its currency. "|| 0" takes the sign off a negative zero. */
export const money = (amount, currency) => (Number.isFinite(amount) ? inCurrency(currency).format(amount || 0) : '–');
/** Money, or points, which rewards are in too; of a rate all the decimals that it has. */
export function worth(amount, currency) {
  if (currency === 'pts') return `${parts.format(amount)} ${amount === 1 ? 'point' : 'points'}`;
  const written = money(amount, currency);
  const isWhole = Number(written.replace(/[^\d.-]/g, '')) === amount;
  return isWhole ? written : `${parts.format(amount)} ${currency.toUpperCase()}`;
}

export const count = (number) => (Number.isFinite(number) ? whole.format(number) : '–');
export const percent = (part, total) => (total > 0 ? share.format(part / total) : '–');
export const date = (text) => written(day, text);
export const shortDate = (text) => written(shortDay, text);
/** `Nov 26` of `2026-11`. */
export const month = (text) => written(monthName, `${text}-01`);
export const timeOfDay = (when) => `${clock.format(when)} UTC`;

function inCurrency(code) {
  const known = /^[a-z]{3}$/i.test(code ?? '') ? code.toUpperCase() : 'USD';
  if (!currencies.has(known)) {
    currencies.set(known, new Intl.NumberFormat('en-US', { style: 'currency', currency: known }));
  }
  return currencies.get(known);
}

function written(format, text) {
  const when = new Date(text);
  return Number.isNaN(when.getTime()) ? String(text ?? '–') : format.format(when);
}

/** A key as it may be shown: its prefix and its last four characters, `bioql_…a1b2`. */
export function keyHint(key) {
  const prefix = key.slice(0, key.indexOf('_') + 1);
  return key.length < prefix.length + 8 ? `${prefix}…` : `${prefix}…${key.slice(-4)}`;
}

/** Whether the key is one of those that get fixed mock data: `<prefix>_dev_…`. */
export const isDevKey = (key) => /^[A-Za-z0-9]+_dev_/.test(key ?? '');
