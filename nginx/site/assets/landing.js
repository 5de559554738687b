// The front page: its curl lines name the address it was opened at.

import './theme-switch.js';
import { wireCopyButtons } from './copy.js';

for (const place of document.querySelectorAll('[data-origin]')) place.textContent = location.origin;
wireCopyButtons();
