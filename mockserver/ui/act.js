// A button that says why it cannot be pressed, when it cannot.
import { html } from "./html.js";
import { change } from "./store.js";

/**
 * @param {{says: unknown, on: () => void, why?: string | null, title?: string, mark?: string, class?: string, label?: string, pressed?: boolean}} props
 * why: the reason that it cannot be pressed now. mark: the key that presses it.
 */
export function Act({ says, on, why = null, title = "", mark, class: look = "", label, pressed }) {
  const press = () => (why ? change({ told: why }) : on());
  return html`<button type="button" class=${look} aria-disabled=${why ? "true" : undefined} aria-pressed=${pressed} aria-label=${label} aria-keyshortcuts=${mark}
    data-key=${mark} title=${why ?? title} onClick=${press}>${says}${mark && html`<kbd aria-hidden="true">${mark}</kbd>`}</button>`;
}
