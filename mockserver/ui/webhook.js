// The callbacks of a flow: each with its attempts, what it brought that was new, and its payload.
import { ask, within } from "./api.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { change, state, now } from "./store.js";
import { count, exact, span } from "./words.js";

const MOST = 60; // callbacks that are shown at first

const STATES = /** @type {Record<string, string>} */ ({ "waiting to retry": "failed" });

/** @param {{view: View}} props */
export function Hooks({ view }) {
  const [all, setAll] = useState(false);
  const shown = all ? view.callbacks : view.callbacks.slice(0, MOST);
  const to = view.callback ? html`<p class="hook-to">${view.callback.strategy} to <code>${view.callback.url}</code></p>` : html`<p class="empty">This flow asked for no callbacks.</p>`;
  return html`<div class="hook-list">${to}
    ${shown.map((callback) => html`<${Hook} key=${callback.callback} callback=${callback}/>`)}
    ${view.callback && !view.callbacks.length && html`<p class="empty">Nothing was posted yet.</p>`}
    ${shown.length < view.callbacks.length && html`<button class="more" onClick=${() => setAll(true)}>Show ${view.callbacks.length - shown.length} more</button>`}</div>`;
}

/** @param {{callback: Callback}} props */
function Hook({ callback }) {
  const [open, setOpen] = useState(false);
  const row = useRef(/** @type {HTMLDetailsElement | null} */ (null));
  const lit = state.lit === callback.callback;
  useEffect(() => {
    if (!lit || !row.current || row.current.matches(":hover, :focus-within")) return;
    row.current.open = true;
    row.current.scrollIntoView({ block: "nearest" });
  }, [lit]);
  const light = () => change({ lit: callback.callback });
  const last = callback.attempts.at(-1);
  const taken = callback.state === "delivered";
  const wait = callback.nextRetry ? Date.parse(callback.nextRetry) - now() : 0;
  return html`<details ref=${row} class=${lit ? "lit" : ""} onToggle=${() => setOpen(row.current?.open ?? false)} onPointerEnter=${light} onPointerLeave=${() => change({ lit: null })} onFocusIn=${light}>
    <summary><i class=${`dot ${taken ? "good" : last ? "bad" : "idle"}`}></i><b class="state">${STATES[callback.state] ?? callback.state}</b>
      <span class="changes">${callback.copyOf ? `copy of callback ${callback.copyOf}` : callback.changes.join(", ") || "nothing new"}</span>
      <span class="tries">${callback.nextRetry && html`next ${wait > 0 ? `in ${span(wait)}` : "now"} · `}${count(callback.attempts.length, "attempt")}</span></summary>
    ${!taken && last?.error && html`<p class="remedy">${last.error}</p>`}
    <div class="wide" tabindex="0" role="group" aria-label="Attempts"><table><thead><tr><th>Attempt</th><th>At</th><th>Answer</th><th>Took</th></tr></thead>
      <tbody>${callback.attempts.map((attempt) => html`<tr key=${attempt.attempt}><td>${attempt.attempt}</td><td><time>${exact(Date.parse(attempt.at))}</time></td>
        <td class=${attempt.delivered ? "good" : "bad"}>${attempt.status ?? "no answer"} <span>${attempt.error === last?.error ? "" : attempt.error ?? attempt.answer}</span></td><td>${attempt.tookMs} ms</td></tr>`)}</tbody></table></div>
    <p class="hook-to">Posted to <code>${callback.url}</code>${callback.faults.length > 0 && ` with a fault: ${callback.faults.join(", ")}`}</p>
    ${open && html`<${Payload} number=${callback.callback}/>`}
  </details>`;
}

/** @param {{number: number}} props */
function Payload({ number }) {
  const [text, setText] = useState("Reading …");
  useEffect(() => {
    ask(within(state.route.sandbox, `callbacks/${number}`)).then(({ payload }) => setText(JSON.stringify(payload, null, 2)), (error) => setText(error.message));
  }, [number]);
  return html`<pre tabindex="0" aria-label="Payload">${text}</pre>`;
}
