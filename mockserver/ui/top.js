// The bar at the top: the sandbox, whether the page is live, what can be opened.
import { html, useState } from "./html.js";
import { Act } from "./act.js";
import { icon } from "./icons.js";
import { readSandboxes } from "./lists.js";
import { open } from "./live.js";
import { change, go, state, useStore } from "./store.js";
import { count } from "./words.js";

const MOST = 20; // sandboxes in a menu; more are searched

export function TopBar() {
  const { link } = useStore();
  return html`<header class="top">
    <span class="brand"><img src="icon.svg" width="26" height="26" alt=""/>Routee <b>mock</b></span>
    <${Switcher}/>
    <span class=${`link ${link}`} role="status"><i aria-hidden="true"></i>${link === "lost" ? "reconnecting" : link}</span>
    ${link === "gone" && html`<button class="quiet" onClick=${() => open(state.route.sandbox)}>Look again</button>`}
    <span class="spring"></span>
    <${Act} class="quiet" says=${html`${icon("book")}<span class="unseen">Scenarios</span>`} mark="s" on=${() => change({ pane: "scenarios" })}/>
    <button class="quiet" aria-label="Light or dark" title="Light or dark" onClick=${flip}>${icon("moon")}</button>
    <${Act} class="quiet help" says="?" label="Help: the keys" mark="?" on=${() => change({ pane: "help" })}/>
    <${Act} class="send" says=${html`${icon("plus")}Send a flow`} mark="c" on=${() => change({ pane: "compose" })}/>
  </header>`;
}

function Switcher() {
  const { sandboxes, route, world } = useStore();
  const known = sandboxes.some((each) => each.id === route.sandbox) ? sandboxes : [{ id: route.sandbox, flows: world.counts?.all ?? 0 }, ...sandboxes];
  const flows = (/** @type {SandboxInfo} */ { id, flows }) => (id === route.sandbox ? world.counts?.all ?? flows : flows);
  const [text, setText] = useState("");
  const to = (sandbox) => go({ sandbox, flow: null, step: null, q: "", only: "all" });
  if (known.length <= MOST) {
    return html`<label class="sandbox"><span class="wide-only">Sandbox</span><select aria-label="Sandbox" value=${route.sandbox} onFocus=${readSandboxes} onChange=${(event) => to(event.target.value)}>
      ${known.map((each) => html`<option key=${each.id} value=${each.id}>${each.id} (${(flows(each) ?? each.owner).toLocaleString("en")})</option>`)}</select></label>`;
  }
  const choose = ({ target: { value } }) => {
    const found = known.some((each) => each.id === value);
    setText(found ? "" : value);
    if (found) to(value);
  };
  return html`<label class="sandbox"><span class="wide-only">Sandbox</span><input list="sandboxes" aria-label=${`Sandbox: ${route.sandbox}. Search ${count(known.length, "sandbox", "sandboxes")}`} placeholder=${route.sandbox} value=${text} onFocus=${readSandboxes} onInput=${choose} onBlur=${() => setText("")}/>
    <datalist id="sandboxes">${known.map((each) => html`<option key=${each.id} value=${each.id}>${each.owner ?? count(each.flows, "flow")}</option>`)}</datalist></label>`;
}

const THEME = "routee-mock-theme";

/** Light or dark, as chosen last in this browser, or as the system is. */
export function dress() {
  const kept = localStorage.getItem(THEME);
  if (kept) document.documentElement.dataset.theme = kept;
}

function flip() {
  const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const other = dark === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = other;
  localStorage.setItem(THEME, other);
}
