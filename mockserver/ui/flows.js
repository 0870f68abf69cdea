// The list of flows, newest first: only the rows that can be seen exist.
import { Component, html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { icon } from "./icons.js";
import { readOn } from "./lists.js";
import { Refused } from "./refused.js";
import { go, shown, state, useStore } from "./store.js";
import { address } from "./api.js";
import { copy } from "./actions.js";
import { count, phone, said, time, tone } from "./words.js";

const ROW = 58;
const AROUND = 4; // rows drawn above and below
const AHEAD = 60; // rows before the end at which more is read
const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity });

const CHIPS = /** @type {[keyof Counts, string][]} */ ([
  ["all", "All"], ["underWay", "Under way"], ["failed", "Failed"], ["webhookTrouble", "Webhook trouble"], ["refused", "Refused"],
]);

export function Flows() {
  const { route, world } = useStore();
  const follows = route.flow === null;
  return html`<nav class="flows" aria-label="Flows">
    <${Search}/>
    <div class="chips" role="group" aria-label="Which flows">${CHIPS.map(([group, says]) => {
      const many = world.counts?.[group] ?? 0;
      return html`<button key=${group} aria-pressed=${route.only === group} class=${group === "refused" && many ? "alarm" : ""} onClick=${() => go({ only: group }, true)}>${says} <b>${many.toLocaleString("en")}</b></button>`;
    })}</div>
    <button class="follow" aria-pressed=${follows} data-key="f" title="The newest flow opens by itself (f)" onClick=${() => go({ flow: follows ? shown() : null, step: null }, true)}>
      <i class="dot ${follows ? "good" : ""}"></i>${follows ? "Following the newest flow" : "Follow the newest flow"}</button>
    ${route.only === "refused" ? html`<${Refused}/>` : html`<${Rows}/>`}
  </nav>`;
}

function Search() {
  const { q } = state.route;
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    if (text === q) return;
    const timer = setTimeout(() => go({ q: text, only: state.route.only === "refused" ? "all" : state.route.only }, true), 150);
    return () => clearTimeout(timer);
  }, [text]);
  const onKey = (event) => {
    if (!["Escape", "ArrowDown", "Enter"].includes(event.key)) return;
    event.preventDefault(); // Esc alone would leave the list
    if (event.key !== "Escape") event.target.closest("nav").querySelector(".rows")?.focus();
  };
  return html`<label class="search">${icon("search")}<input id="search" type="search" maxlength="200" placeholder="Number, id, label, text …" aria-label="Search flows"
    value=${text} onKeyDown=${onKey} onInput=${(event) => setText(event.target.value)}/><kbd aria-hidden="true">/</kbd></label>`;
}

function Rows() {
  const { list, world, route } = useStore();
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const over = useRef(false);
  const total = Math.max(list.total, list.ids.length);
  const from = Math.max(0, Math.floor(top / ROW) - AROUND);
  const to = Math.min(total, Math.ceil((top + height) / ROW) + AROUND);
  const open = shown();
  const index = open === null ? -1 : list.ids.indexOf(open);

  useLayoutEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([{ contentRect }]) => setHeight(contentRect.height));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useSteady(box, over, list);
  useEffect(() => {
    if (to > list.ids.length - AHEAD) readOn();
  }, [to, list]);

  const choose = (wanted) => {
    const at = Math.max(0, Math.min(total - 1, wanted));
    const id = list.ids[at];
    if (box.current) {
      const y = at * ROW;
      if (y < box.current.scrollTop) box.current.scrollTop = y;
      if (y + ROW > box.current.scrollTop + height) box.current.scrollTop = y + ROW - height;
    }
    if (id) go({ flow: id, step: null }, true);
  };
  const onKey = (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    choose(step === Infinity ? total - 1 : step === -Infinity ? 0 : index + step);
  };
  useEffect(() => {
    const onStep = (event) => choose(index + event.detail);
    addEventListener("step-flow", onStep);
    return () => removeEventListener("step-flow", onStep);
  });
  const rows = list.ids.slice(from, to);
  const pool = Math.ceil(height / ROW) + 2 * AROUND + 2;
  return html`<div class="rows" ref=${box} style=${{ "--all": `${Math.max(total * ROW, 100)}px` }} role="listbox" aria-label="Flows, newest first" tabindex="0" aria-activedescendant=${index >= from && index < to ? `row-${index}` : undefined}
      onKeyDown=${onKey} onScroll=${(event) => setTop(event.target.scrollTop)} onPointerEnter=${() => { over.current = true; }} onPointerLeave=${() => { over.current = false; }}>
      <div class="all" role="presentation" style=${{ height: `${total * ROW}px` }}>
        ${rows.map((id, i) => html`<${Row} key=${(from + i) % pool} line=${world.lines.get(id)} id=${id} at=${from + i} of=${total} chosen=${id === open}/>`)}
      </div>
      ${!total && world.epoch && html`<div class="empty" role="option" aria-selected="false" aria-disabled="true">${route.q || route.only !== "all" ? "No flow matches." : "No flow yet."}</div>`}
    </div>
    ${top > ROW && html`<button class="newest" onClick=${() => box.current?.scrollTo({ top: 0 })}>${icon("up")}Newest</button>`}`;
}

/**
 * New rows above do not move the row under the pointer, nor those scrolled to.
 * @param {{current: HTMLElement | null}} box @param {{current: boolean}} over @param {List} list
 */
function useSteady(box, over, list) {
  const before = useRef(/** @type {{key: string, id: string | undefined}} */ ({ key: "", id: undefined }));
  useLayoutEffect(() => {
    const { key, id } = before.current;
    const pushed = id === undefined || key !== list.key ? 0 : list.ids.indexOf(id);
    if (box.current && pushed > 0 && (over.current || box.current.scrollTop > 0)) box.current.scrollTop += pushed * ROW;
    if (key !== list.key && box.current) box.current.scrollTop = 0;
    before.current = { key: list.key, id: list.ids[0] };
  }, [list]);
}

/** A row; it is drawn again only when what it says has changed. */
class Row extends Component {
  /** @param {any} next */
  shouldComponentUpdate(next) {
    const { line, id, at, of, chosen } = this.props;
    return next.line !== line || next.id !== id || next.at !== at || next.of !== of || next.chosen !== chosen;
  }

  /** @param {any} props */
  render({ line, id, at, of, chosen }) {
    if (!line) return null;
    const { webhook } = line;
    return html`<div id=${`row-${at}`} role="option" aria-selected=${chosen} aria-posinset=${at + 1} aria-setsize=${of} class="row" style=${{ transform: `translateY(${at * ROW}px)` }}
        onClick=${() => go({ flow: id, step: null })}>
      <span class="line1"><b>${phone(line.to[0]) || "…"}</b><span class="words" dir="auto">${line.label || line.text}</span><time>${time(Date.parse(line.createdAt))}</time></span>
      <span class="line2">${line.channels.map((channel, i) => html`<span key=${i} class=${`pill ${channel} ${tone(line.heard[i])}`}>${line.heard[i] ? said(line.heard[i]) : channel}</span>`)}${webhook.failing > 0 && html`<span class="pill hook bad" title=${`${webhook.failing} of ${webhook.posted} callbacks failed`}>${webhook.failing}</span>`}</span>
    </div>`;
  }
}

/** What stands where a flow would, before there is any. */
export function NoFlow() {
  const { world, link, route, sandboxes } = useStore();
  const { applicationId: id, applicationSecret: secret } = sandboxes.find((each) => each.id === route.sandbox) ?? {};
  const refused = world.counts?.refused ?? 0;
  const url = address();
  if (link === "connecting" || world.counts?.all) return html`<div class="nothing"><p>Reading …</p></div>`;
  return html`<div class="nothing"><h1>No flow yet</h1>
    <p>Give your application this address${id && html` and the credentials <code>${id}</code>, <code>${secret}</code>`}, or press <kbd>c</kbd> to send a flow from here.</p>
    <p class="address"><code>${url}</code><button onClick=${() => copy(url, "The address")}>${icon("copy")}Copy</button></p>
    ${refused > 0 && html`<p><button class="alarm" onClick=${() => go({ only: "refused" })}>${count(refused, "request")} ${refused === 1 ? "was" : "were"} refused: see why</button></p>`}
  </div>`;
}
