// The tabs of a flow: why it went so, what was posted, what was written down, and all of it as a test.
import { askText, within } from "./api.js";
import { Code } from "./code.js";
import { Hooks } from "./webhook.js";
import { html, useEffect, useState } from "./html.js";
import { TABS } from "./route.js";
import { stay, state } from "./store.js";
import { exact, time } from "./words.js";

const MOST_ENTRIES = 150; // rows that are shown at first: a flow can have thousands

/** @param {{view: View}} props */
export function Tabs({ view }) {
  const { tab } = state.route;
  const names = /** @type {Record<string, unknown>} */ ({
    why: "Why", webhook: html`Webhook <b>${view.callbacks.length}</b>`, journal: html`Journal <b>${view.journal.length}</b>`, test: "As a test",
  });
  const turn = (event) => {
    const at = TABS.indexOf(tab);
    const to = /** @type {Record<string, number>} */ ({ ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 })[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = TABS[(to + TABS.length) % TABS.length];
    stay({ tab: next });
    document.getElementById(`tab-${next}`)?.focus();
  };
  const Panel = PANELS[tab];
  return html`<div class="tabs" role="tablist" aria-label="About this flow" onKeyDown=${turn}>${TABS.map((each) => html`<button key=${each} id=${`tab-${each}`} role="tab"
      aria-selected=${each === tab} aria-controls="panel" tabindex=${each === tab ? 0 : -1} onClick=${() => stay({ tab: each })}>${names[each]}</button>`)}</div>
    <div id="panel" class="panel" role="tabpanel" aria-labelledby=${`tab-${tab}`} tabindex="0"><${Panel} key=${view.trackingId} view=${view}/></div>`;
}

const MARKS = /** @type {Record<string, string>} */ ({ doc: "Routee documents this", choice: "our choice" });

/** @param {{view: View}} props */
function Why({ view }) {
  return html`<ol class="why">${view.why.slice(0, MOST_ENTRIES).map((reason, i) => html`<li key=${i} class=${turnOf(reason)}><time>${time(Date.parse(reason.at))}</time>
    <div><p>${reason.says}</p><small>${reason.rule} <i class=${`source ${reason.mark}`}>${MARKS[reason.mark] ?? reason.mark}</i> ${reason.learnt && html`<i class="source">${agreed(reason.learnt)}</i>`}</small></div></li>`)}</ol>`;
}

/** @param {Learnt} learnt */
const agreed = ({ confirmed, contradicted }) => `your recording ${contradicted ? `differs, ${contradicted} of ${confirmed + contradicted}` : `agrees, ${confirmed > 1 ? `${confirmed} times` : "once"}`}`;

/** @param {Reason} reason */
const turnOf = ({ says }) => (/has Succeeded\.$/.test(says) ? "good" : /on to step \d|ran out\.|has Failed/.test(says) ? "bad" : "");

const HIDDEN = new Set(["number", "at", "kind", "trackingId", "messageId"]);

/** @param {{view: View}} props */
function Journal({ view }) {
  const [all, setAll] = useState(false);
  const entries = all ? view.journal : view.journal.slice(-MOST_ENTRIES);
  const more = view.journal.length - entries.length;
  return html`<div class="wide" tabindex="0" role="group" aria-label="Journal of this flow">
    ${more > 0 && html`<button class="more" onClick=${() => setAll(true)}>Show the ${more} entries before</button>`}
    <table class="journal"><thead><tr><th>No.</th><th>At</th><th>Kind</th><th>What</th></tr></thead><tbody>${entries.map((entry) => html`<tr key=${entry.number}><td>${entry.number}</td>
      <td><time>${exact(Date.parse(entry.at))}</time></td><td><b>${entry.kind}</b></td><td><code>${facts(entry)}</code></td></tr>`)}</tbody></table></div>`;
}

/** @param {Entry} entry */
const facts = (entry) => Object.entries(entry)
  .filter(([name, value]) => !HIDDEN.has(name) && value !== null && value !== "")
  .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`).join(" · ");

const FORMATS = [["pytest", "pytest"], ["python", "Python"], ["curl", "curl"], ["scenario", "scenario"]];

/** @param {{view: View}} props */
function AsTest({ view }) {
  const [format, setFormat] = useState("pytest");
  const [text, setText] = useState(/** @type {string | null} */ (null));
  const last = view.journal.at(-1)?.number;
  useEffect(() => {
    const aborter = new AbortController();
    // Written again once it has been quiet, not at each word of a fast story.
    const timer = setTimeout(() => askText(within(state.route.sandbox, `flows/${view.trackingId}/as?format=${format}`), aborter.signal).then(setText, () => {}), text === null ? 0 : 250);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [format, last]);
  return html`<${Code} formats=${FORMATS} format=${format} choose=${setFormat} text=${text ?? "Reading …"} says="What was planned, sent and done, and what was heard"/>`;
}

const PANELS = /** @type {Record<string, (props: {view: View}) => unknown>} */ ({ why: Why, webhook: Hooks, journal: Journal, test: AsTest });
