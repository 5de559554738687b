// A page with nothing to do but follow the reader's colours.

import './theme-switch.js';
