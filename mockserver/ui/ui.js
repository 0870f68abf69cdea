// The page, put together.
import { keepToken } from "./api.js";
import { ClockBar } from "./clock.js";
import { Compose } from "./compose.js";
import { Dialog } from "./dialog.js";
import { FlowSide } from "./flow.js";
import { Flows } from "./flows.js";
import { html, render, useEffect, useState } from "./html.js";
import { icon } from "./icons.js";
import { KEYS, onKey } from "./keys.js";
import { readList } from "./lists.js";
import { hangUp, open, resume } from "./live.js";
import { read } from "./route.js";
import { Scenarios } from "./scenarios.js";
import { change, go, state, useStore } from "./store.js";
import { TopBar, dress } from "./top.js";
import { readView } from "./view.js";

const PANES = /** @type {Record<string, () => unknown>} */ ({ compose: Compose, scenarios: Scenarios, help: Help });

function App() {
  const { link, pane, problem } = useStore();
  const Pane = pane ? PANES[pane] : null;
  if (link === "locked") return html`<${Locked}/>`;
  return html`<div class="page">
    <${TopBar}/>
    <${ClockBar}/>
    ${problem && html`<p class="problem" role="alert"><span>${problem}</span><button aria-label="Close" onClick=${() => change({ problem: null })}>${icon("close")}</button></p>`}
    ${link === "gone" ? html`<${Gone}/>` : html`<div class="columns"><${Flows}/><${FlowSide}/></div>`}
    ${Pane && html`<${Pane}/>`}
    <${Told}/>
  </div>`;
}

/** What came of the last thing that was done; it goes by itself. */
function Told() {
  const { told } = useStore();
  useEffect(() => {
    if (!told) return;
    const timer = setTimeout(() => change({ told: "" }), 4_000);
    return () => clearTimeout(timer);
  }, [told]);
  return html`<output class="told" aria-live="polite">${told}</output>`;
}

function Help() {
  return html`<${Dialog} name="The keys" look="keys-help" close=${() => change({ pane: null })}><dl class="keys">${KEYS.map(([key, says]) => html`<div key=${key}><dt>${key.split(" ").map((each) => (each === "–" ? "–" : html`<kbd>${each}</kbd> `))}</dt><dd>${says}</dd></div>`)}</dl>
    <p>Time here is virtual: a ttl of ten minutes passes when you say so. It only runs forward.</p><//>`;
}

/** The control token is asked for once, and kept for as long as the tab is open. */
function Locked() {
  const [token, setToken] = useState("");
  const submit = (event) => {
    event.preventDefault();
    keepToken(token);
    open(state.route.sandbox);
  };
  return html`<main class="locked"><form onSubmit=${submit}><h1>Routee mock</h1><p>This mock was started with a control token.</p>
    <label>Control token<input type="password" autocomplete="off" required value=${token} ref=${(box) => box?.focus()} onInput=${(event) => setToken(event.target.value)}/></label>${state.problem && html`<p class="wrong" role="alert">${state.problem}</p>`}<button class="send">Open</button></form></main>`;
}

function Gone() {
  const { sandbox } = state.route;
  return html`<main class="nothing"><h1>The sandbox is not here</h1><p><b>${sandbox}</b> was deleted, or was never made.</p>
    <p><button class="main" onClick=${() => go({ sandbox: "default", flow: null, step: null })}>Open the sandbox default</button></p></main>`;
}

function follow() {
  const before = state.route;
  const route = read(location.hash);
  change({ route });
  if (route.sandbox !== before.sandbox) return open(route.sandbox);
  if (route.q !== before.q || route.only !== before.only) readList();
  readView();
}

dress();
addEventListener("hashchange", follow);
addEventListener("popstate", follow);
addEventListener("keydown", onKey);
document.addEventListener("visibilitychange", () => (document.hidden ? hangUp() : resume(state.route.sandbox)));
render(html`<${App}/>`, /** @type {HTMLElement} */ (document.getElementById("app")));
open(state.route.sandbox);
