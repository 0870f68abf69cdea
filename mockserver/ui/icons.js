// The drawings of the page: one path each.
import { html } from "./html.js";

const PATHS = /** @type {Record<string, string>} */ ({
  Viber: "M12 3.200c5 0 8.300 2.300 8.300 7 0 4.400-3 7-7.700 7.100L9 20.700v-3.800c-3.400-.7-5.300-3.100-5.300-6.700 0-4.700 3.300-7 8.300-7ZM9.200 8.200c.4 3 2.400 5.200 5.400 5.800M12.800 7.600c1.500.2 2.500 1.200 2.700 2.700",
  Sms: "M4 5.500h16v11.300h-8.400L7.200 20.300v-3.500H4ZM8 9.700h8M8 12.800h5",
  Voice: "M6.700 3.700 9.600 4.100l1.200 3.800-1.800 1.700c.9 2.200 2.600 3.900 4.800 4.900l1.800-1.800 3.900 1.400.4 3c-.3 1.500-1.500 2.800-3.100 2.900C9.800 20.200 4 14.400 3.800 7.200c0-1.800 1.100-3.200 2.900-3.500Z",
  hook: "M9.600 8.500a3.400 3.400 0 1 1 4.700 3.100l3.100 5.400M14 17h5.400M12 8.400l-3.300 5.900M8.700 14.400a3 3 0 1 0 1.700 3.900M19.400 17a3 3 0 1 0-1 2.200",
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
export const icon = (name) => html`<svg class="icon" viewBox="0 0 24 24" width="18" height="18" fill=${FILLED.has(name) ? "currentColor" : "none"}
  stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${PATHS[name]}/></svg>`;
