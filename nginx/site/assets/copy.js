// Copy buttons: `data-copy="id"` names the element whose text is copied.

/** Makes the button copy `text()` and say that it did. */
export function copies(button, text) {
  const label = button.textContent;
  const status = document.createElement('span');
  status.className = 'visually-hidden';
  status.setAttribute('role', 'status');
  button.after(status);
  button.addEventListener('click', async () => {
    const done = await write(text());
    button.textContent = done ? 'Copied' : 'Press Ctrl+C';
    status.textContent = done ? 'Copied to the clipboard' : 'The text is selected: press Control and C';
    setTimeout(() => {
      button.textContent = label;
      status.textContent = '';
    }, 2500);
    if (!done) select(button.dataset.copy);
  });
}

// The clipboard is closed to plain HTTP away from loopback, and to those who refuse it.
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function select(id) {
  const node = document.getElementById(id);
  if (node) getSelection().selectAllChildren(node);
}

/** Wires every copy button of the page that has not been given a text of its own. */
export function wireCopyButtons() {
  for (const button of document.querySelectorAll('button[data-copy]')) {
    copies(button, () => document.getElementById(button.dataset.copy).textContent.trim());
  }
}
