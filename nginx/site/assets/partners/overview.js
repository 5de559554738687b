// What the program brought and what its apps called.

import { showCalls } from '../charts.js';
import { sentence } from '../api.js';
import { byId, el, fill } from '../dom.js';
import { count, date, percent, timeOfDay } from '../format.js';
import { part } from '../part.js';
import { empty } from '../tables.js';
import { getChosen } from './pages.js';

const DAY_MS = 86_400_000;
const kinds = { warning: 'warn', error: 'bad', critical: 'bad' };

export function overview() {
  const load = part(byId('overview-error'), () => getChosen(path), (answer) => {
    showFigures(answer);
    fill(byId('alerts'), answer.alerts.map(({ type, message }) => (
      el('p', { class: `notice ${kinds[type] ?? ''}` }, sentence(message)))));
    byId('overview').hidden = false;
    showChart(answer);
    fill(byId('activity'), answer.recentActivity.length > 0
      ? el('ul', { class: 'plain' }, answer.recentActivity.map(activity))
      : empty('Nothing has happened yet. Your app makes the first code by the API.'));
    return [];
  });
  byId('period').addEventListener('change', load);
  return load;
}

function path() {
  const days = Number(byId('period').value);
  if (!days) return '/api/partner/dashboard-stats';
  const first = new Date(Date.now() - (days - 1) * DAY_MS).toISOString().slice(0, 10);
  return `/api/partner/dashboard-stats?startDate=${first}`;
}

function showFigures({ totalReferrals, totalClicks, totalConversions, totalRewards, totalApps }) {
  fill(byId('figure-referrals'), count(totalReferrals),
    el('small', {}, totalApps === 1 ? 'of 1 app' : `of ${count(totalApps)} apps`));
  fill(byId('figure-clicks'), count(totalClicks));
  fill(byId('figure-conversions'), count(totalConversions),
    totalClicks > 0 && el('small', {}, `${percent(totalConversions, totalClicks)} of the clicks`));
  fill(byId('figure-rewards'), count(totalRewards));
}

function showChart({ apiUsage: { current, limit, percentage }, apiUsageChart: chart }) {
  byId('calls-month').textContent = limit > 0
    ? `${count(current)} of ${count(limit)} this month, ${percentage} %` : `${count(current)} this month`;
  if (chart.apps.some(({ name }) => chart.data.some((row) => row[name] > 0))) showCalls(byId('calls'), chart);
  else fill(byId('calls'), empty(`No calls by apps in these ${chart.data.length} days.`));
}

const activity = ({ description, timestamp, app }) => el('li', {}, description,
  el('span', { class: 'soft small block' }, `${app.name}, ${date(timestamp)}, ${clock(timestamp)}`));

// The panel says once that times are in UTC.
const clock = (timestamp) => timeOfDay(new Date(timestamp)).replace(' UTC', '');
