// Charts, each with the same figures as a table. Without the charting library the tables alone are shown.

import { el, fill } from './dom.js';
import { money, count, percent, shortDate, date } from './format.js';

const still = matchMedia('(prefers-reduced-motion: reduce)');
const BARS = 8;
/** The colours of what stands on one another, each told from the next by its lightness too. */
const SERIES = ['accent', 'brass', 'ink-soft', 'line-strong'];

/** Shots a day in `place`, from `{dates, shots}`. */
export function showDaily(place, { dates, shots }) {
  const total = shots.reduce((sum, one) => sum + one, 0);
  const most = shots.indexOf(Math.max(...shots));
  show(place, {
    summary: `Bar chart of shots on each of ${dates.length} days: ${count(total)} in all`
      + (total > 0 ? `, most on ${date(dates[most])} with ${count(shots[most])}.` : '.'),
    table: table(['Day', 'Shots'], dates.map((day, at) => [date(day), count(shots[at])]).reverse()),
    settings: (colours) => bars(colours, dates.map(shortDate), shots, 'x'),
  });
}

/** Shots of each backend in `place`, from `{name: shots}`, most used first. */
export function showBackends(place, backends) {
  const rows = Object.entries(backends).sort(([, one], [, other]) => other - one);
  const total = rows.reduce((sum, [, shots]) => sum + shots, 0);
  const shown = rows.length > BARS ? [...rows.slice(0, BARS - 1), rest(rows.slice(BARS - 1))] : rows;
  const first = rows[0] ? ` Most on ${rows[0][0]}: ${percent(rows[0][1], total)}.` : '';
  show(place, {
    summary: `Bar chart of shots by backend.${first}`,
    table: table(
      ['Backend', 'Shots', 'Share'],
      rows.map(([name, shots]) => [name, count(shots), percent(shots, total)]),
    ),
    settings: (colours) => bars(colours, shown.map(([name]) => shortened(name)), shown.map(([, shots]) => shots), 'y'),
  });
}

/** Calls a day in `place`, from `{data, apps}`: a row a day that holds the calls of each app under its name. */
export function showCalls(place, { data, apps }) {
  const series = apps.map(({ name }) => ({ name, values: data.map((row) => row[name]) }));
  const sums = data.map((_, at) => series.reduce((sum, { values }) => sum + values[at], 0));
  const total = sums.reduce((sum, one) => sum + one, 0);
  show(place, {
    summary: `Bar chart of calls on each of ${data.length} days: ${count(total)} in all, by ${apps.length} apps.`,
    table: table(['Day', ...apps.map(({ name }) => name)],
      data.map((row) => [date(row.date), ...series.map(({ name }) => count(row[name]))]).reverse()),
    settings: (colours) => stacked(colours, data.map((row) => shortDate(row.date)), mostCalled(series)),
  });
}

/** As many as there are colours for: the rest together. */
function mostCalled(series) {
  const sum = (values) => values.reduce((total, one) => total + one, 0);
  const inOrder = [...series].sort((one, other) => sum(other.values) - sum(one.values));
  if (inOrder.length <= SERIES.length) return inOrder;
  const others = inOrder.slice(SERIES.length - 1);
  const values = others[0].values.map((_, at) => others.reduce((total, one) => total + one.values[at], 0));
  return [...inOrder.slice(0, SERIES.length - 1), { name: `${others.length} others`, values }];
}

/** Amounts by month in `place`: `{names, amounts}` in a currency, the oldest first. */
export function showRevenue(place, { names, amounts, currency }) {
  const written = (amount) => money(amount, currency);
  show(place, {
    summary: `Bar chart of revenue in each of ${names.length} months; ${written(amounts.at(-1))} in the last one.`,
    table: table(['Month', 'Revenue'], names.map((name, at) => [name, written(amounts[at])]).reverse()),
    settings: (colours) => bars(colours, names, amounts, 'x', { name: 'Revenue', tick: count, tip: written }),
  });
}

const rest = (rows) => [`${rows.length} others`, rows.reduce((sum, [, shots]) => sum + shots, 0)];
const shortened = (name) => (name.length > 22 ? `${name.slice(0, 21)}…` : name);

/** The charts on the page, by the element they stand in. */
const drawn = new Map();

function show(place, { summary, table, settings }) {
  drawn.get(place)?.chart.destroy();
  drawn.delete(place);
  const details = el('details', {}, el('summary', {}, 'Show as a table'),
    el('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Figures of the chart' }, table));
  if (typeof window.Chart !== 'function') {
    details.open = true;
    fill(place, details);
    return;
  }
  const canvas = el('canvas', { role: 'img', 'aria-label': summary });
  fill(place, el('div', { class: 'chart-box' }, canvas), details);
  drawn.set(place, { chart: new window.Chart(canvas, settings(colours())), canvas, settings });
}

// A canvas keeps the colours it was painted with, so a change of theme means drawing anew.
document.addEventListener('purser:theme', () => {
  for (const one of drawn.values()) {
    one.chart.destroy();
    one.chart = new window.Chart(one.canvas, one.settings(colours()));
  }
});

// The tokens are pairs of colours; only a computed `color` tells which of the pair holds now.
function colours() {
  const probe = document.body.appendChild(el('span', { hidden: true }));
  const resolved = {};
  for (const token of ['accent', 'accent-strong', 'brass', 'ink', 'ink-soft', 'line', 'line-strong', 'surface']) {
    probe.style.color = `var(--${token})`;
    resolved[token] = getComputedStyle(probe).color;
  }
  probe.remove();
  return resolved;
}

const shotsUnit = { name: 'Shots', tick: count, tip: (value) => `${count(value)} shots` };

/** Bars of several series, `[{name, values}]`, one on another. */
function stacked(colours, labels, series) {
  const settings = bars(colours, labels, [], 'x', { name: '', tick: count, tip: count });
  const [shape] = settings.data.datasets;
  settings.data.datasets = series.map(({ name, values }, at) => {
    const colour = colours[SERIES[at]];
    return { ...shape, label: name, data: values, backgroundColor: colour, hoverBackgroundColor: colour };
  });
  const { scales, plugins } = settings.options;
  for (const scale of Object.values(scales)) scale.stacked = true;
  plugins.legend = { display: true, position: 'bottom', labels: { color: colours.ink, boxWidth: 12 } };
  plugins.tooltip.callbacks.label = ({ dataset, raw }) => `${dataset.label}: ${count(raw)}`;
  return settings;
}

/** `unit`: what the values are, and how they are written at the axis and in the tip. */
function bars(colours, labels, values, base, unit = shotsUnit) {
  const upright = base === 'x';
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  const measure = {
    beginAtZero: true,
    grid: { color: colours.line, drawBorder: false },
    ticks: { color: colours['ink-soft'], font, precision: 0, maxTicksLimit: 5, callback: (value) => unit.tick(value) },
  };
  const names = {
    grid: { display: false, drawBorder: false },
    ticks: {
      color: upright ? colours['ink-soft'] : colours.ink,
      font,
      maxRotation: 0,
      autoSkip: upright,
      autoSkipPadding: 16,
    },
  };
  return {
    type: 'bar',
    data: {
      labels,
      datasets: [{
        label: unit.name,
        data: values,
        backgroundColor: colours.accent,
        hoverBackgroundColor: colours['accent-strong'],
        borderRadius: 3,
        maxBarThickness: 28,
        categoryPercentage: 0.86,
      }],
    },
    options: {
      indexAxis: base,
      responsive: true,
      maintainAspectRatio: false,
      animation: still.matches ? false : { duration: 350 },
      scales: upright ? { x: names, y: measure } : { x: measure, y: names },
      plugins: {
        legend: { display: false },
        tooltip: {
          displayColors: false,
          backgroundColor: colours.ink,
          titleColor: colours.surface,
          bodyColor: colours.surface,
          titleFont: font,
          bodyFont: font,
          callbacks: { label: ({ raw }) => unit.tip(raw) },
        },
      },
    },
  };
}

function table(heads, rows) {
  const numeric = (at) => (at > 0 ? 'numeric' : null);
  return el('table', {},
    el('thead', {}, el('tr', {}, heads.map((head, at) => el('th', { scope: 'col', class: numeric(at) }, head)))),
    el('tbody', {}, rows.map((cells) => el('tr', {}, cells.map((cell, at) => (
      el(at === 0 ? 'th' : 'td', { scope: at === 0 ? 'row' : null, class: numeric(at) }, cell)
    ))))));
}
