// The keyboard: every key, what it does, and the list of them that help shows.
import { TABS } from "./route.js";
import { change, look, state, stay, stepOf } from "./store.js";

export const KEYS = /** @type {[string, string][]} */ ([
  ["/", "Search flows; ↓ goes to what is found"],
  ["j k", "The next flow, the one before; ↑ ↓ PgUp PgDn Home End in the list"],
  ["f", "Follow the newest flow, or stay with this one"],
  ["n", "Next: time moves to the next thing that is due"],
  ["t", "Time moves to just before the ttl ends"],
  ["e", "Time moves until this flow has ended"],
  ["1 – 8", "What happens on the phone"],
  ["p", "The phone shows the next step"],
  ["w", "The next tab: Why, Webhook, Journal, As a test"],
  ["← →", "The next step or tab, when one of them has the focus"],
  ["c", "Send a flow"],
  ["s", "Scenarios"],
  ["z", "True scale, or folded"],
  ["?", "This help"],
  ["Esc", "Close, or leave a field"],
]);

const OPENS = /** @type {Record<string, (() => void) | undefined>} */ ({
  "/": () => document.querySelector("input")?.select(),
  j: () => dispatchEvent(new CustomEvent("step-flow", { detail: 1 })),
  k: () => dispatchEvent(new CustomEvent("step-flow", { detail: -1 })),
  p: () => state.view && look((stepOf(state.view) % state.view.progress.length) + 1),
  w: () => stay({ tab: TABS[(TABS.indexOf(state.route.tab) + 1) % TABS.length] }),
  z: () => change({ trueScale: !state.trueScale }),
});

/** @param {KeyboardEvent} event */
export function onKey(event) {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
  if (typing && event.key === "Escape") /** @type {HTMLElement} */ (event.target).blur();
  if (typing || event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const act = OPENS[event.key];
  const button = act ? null : /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
  if (!act && !button) return;
  event.preventDefault();
  if (act) act();
  else button?.click();
}
