// The switch between day and night. The reader's choice is kept; without one the system's is followed.

const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme: dark)');
const CHOICE = 'purser.theme';

function isDark() {
  return root.dataset.theme ? root.dataset.theme === 'dark' : system.matches;
}

function announce() {
  root.classList.toggle('theme-dark', isDark());
  for (const button of document.querySelectorAll('[data-theme-switch]')) {
    button.setAttribute('aria-label', isDark() ? 'Switch to light colours' : 'Switch to dark colours');
  }
  // Canvases hold painted colours, so whoever draws one listens to this.
  document.dispatchEvent(new Event('purser:theme'));
}

for (const button of document.querySelectorAll('[data-theme-switch]')) {
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    try {
      localStorage.setItem(CHOICE, root.dataset.theme);
    } catch {
      // Not kept, but it holds for this page.
    }
    announce();
  });
}
system.addEventListener('change', announce);
announce();
