// The drawings of the page, one path each. Those of channels and webhook are files, for the styles too.
import { html } from "./html.js";

const PATHS = /** @type {Record<string, string>} */ ({
  pause: "M8 5.500v13M16 5.500v13",
  next: "M6 5v14l8.500-7ZM18 5v14",
  idle: "M4 5.500v13l6.500-6.500ZM11.500 5.500v13L18 12ZM20.500 5.500v13",
  search: "M10.500 4.200a6.300 6.300 0 1 1 0 12.600 6.300 6.300 0 0 1 0-12.600ZM15.300 15.300 20.500 20.500",
  plus: "M12 5v14M5 12h14",
  moon: "M19.500 14.300A8 8 0 0 1 9.700 4.500a8 8 0 1 0 9.800 9.800Z",
  copy: "M9 9h11v11H9ZM15 9V4H4v11h5",
  image: "M4 5h16v14H4ZM4 16l5-5 4 4 3-2 4 3M15.500 9.200h.01",
  film: "M4 5h16v14H4ZM8 5v14M16 5v14M4 12h16",
  book: "M5 4.500h10.500a3 3 0 0 1 3 3v12H8a3 3 0 0 1-3-3ZM5 16.500a3 3 0 0 1 3-3h10.500",
  close: "M6 6l12 12M18 6 6 18",
  up: "M12 19V6M6 11.500 12 5.500l6 6",
});

const FILLED = new Set(["next", "idle"]);

/** A drawing by its name; it says nothing to a screen reader. @param {string} name */
export const icon = (name) => !(name in PATHS) ? html`<i class=${`icon glyph ${name}`} aria-hidden="true"></i>` : html`<svg class="icon" viewBox="0 0 24 24" width="18" height="18" fill=${FILLED.has(name) ? "currentColor" : "none"}
  stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${PATHS[name]}/></svg>`;
