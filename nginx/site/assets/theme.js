// Runs before the first paint, hence not a module: a page must not flash in the colours its reader switched off.
(function () {
  try {
    const chosen = localStorage.getItem('purser.theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage may be switched off; the system's preference then stands.
  }
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.classList.toggle('theme-dark', dark);
})();
