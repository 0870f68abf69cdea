// The flow that is open: who, how it went, its timeline, and its tabs.
import { copy } from "./actions.js";
import { NoFlow } from "./flows.js";
import { html } from "./html.js";
import { icon } from "./icons.js";
import { Phone } from "./phone.js";
import { change, go, state, stepOf, useStore } from "./store.js";
import { Tabs } from "./tabs.js";
import { Timeline } from "./timeline.js";
import { draftOf } from "./draft.js";
import { final, phone, time, tone, verdict } from "./words.js";

export function FlowSide() {
  const { view, missing } = useStore();
  if (missing) return html`<main class="side alone"><${Forgotten} id=${missing}/></main>`;
  if (!view) return html`<main class="side alone"><${NoFlow}/></main>`;
  const step = stepOf(view);
  return html`<div class="side"><main class="flow">
      <${Head} view=${view}/>
      <${Timeline} view=${view} step=${step}/>
      <${Tabs} view=${view}/>
    </main><${Phone} view=${view} step=${step}/></div>`;
}

const KINDS = /** @type {Record<string, string>} */ ({ otp: "one-time password", transactional: "from a template" });

/** @param {{view: View}} props */
function Head({ view }) {
  const again = () => change({ pane: "compose", draft: draftOf(view) });
  const pause = view.status === "Failed" && view.statusCode ? html`<small>statusCode ${view.statusCode}</small>` : null;
  return html`<header class="flow-head">
    <div><h1>${phone(view.to[0])}</h1>
      <p class="facts"><button class="id" title="Copy the id" onClick=${() => copy(view.trackingId, "The id")}><code>${view.trackingId}</code>${icon("copy")}</button>
        ${view.kind !== "failover" && html`<b class="label">${KINDS[view.kind]}</b>`}<span>${view.label && html`<b class="label">${view.label}</b> `}sent by ${view.applicationId} at ${time(Date.parse(view.createdAt))}</span>
        <button class="again" onClick=${again}>Send again</button></p></div>
    <p class=${`verdict ${final(view) ? tone(view.status) : "live"}`} role="status">${verdict(view)}${pause}</p>
  </header>`;
}

/** @param {{id: string}} props */
const Forgotten = ({ id }) => html`<div class="nothing"><h1>This flow is not here</h1>
  <p>The link names <code>${id}</code>. The sandbox <b>${state.route.sandbox}</b> does not know it: it was started again, it forgot the flow to make room, or the flow was never sent here.</p>
  <p><button class="main" onClick=${() => go({ flow: null, step: null })}>Show the newest flow</button></p></div>`;
