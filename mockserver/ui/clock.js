// The clock in hand: where virtual time stands, how it moves, and what is due.
import { move, pace } from "./actions.js";
import { Act } from "./act.js";
import { html } from "./html.js";
import { icon } from "./icons.js";
import { state, useNow, useStore } from "./store.js";
import { day, exact, final, span, time } from "./words.js";

const RATES = [1, 60, 3600];
const STEPS = /** @type {[string, string][]} */ ([["10s", "+10 s"], ["1m", "+1 m"], ["10m", "+10 m"]]);

export function ClockBar() {
  const { world, view } = useStore();
  const { clock } = world;
  if (!clock) return html`<section class="clock" aria-label="Virtual clock"></section>`;
  const idle = clock.pending ? null : "Nothing is due: time would only pass.";
  const instant = clock.mode === "instant" ? "With Instant, everything happens at once." : null;
  const mode = (name, /** @type {unknown} */ says, title, /** @type {number} */ rate = 1) => html`<${Act} key=${name + rate} says=${says} title=${title}
    pressed=${clock.mode === name && (name !== "realtime" || clock.rate === rate)} on=${() => pace(name === "realtime" ? { mode: name, rate } : { mode: name })}/>`;
  return html`<section class=${`clock ${clock.mode}`} aria-label="Virtual clock">
    <${Face}/>
    <div class="modes" role="group" aria-label="How time moves">
      ${mode("manual", html`${icon("pause")}Paused`, "Time stands still until it is moved")}
      ${RATES.map((rate) => mode("realtime", `×${rate}`, rate === 1 ? "Time runs as it does" : `${span(rate * 1_000)} of virtual time in every second`, rate))}
      ${mode("instant", "Instant", "Everything due happens at once")}
    </div>
    <div class="moves" role="group" aria-label="Move time forward">
      <${Act} class="main" mark="n" says=${html`${icon("next")}Next`} title="To the next instant at which something is due" why=${instant ?? idle} on=${() => move(clock.mode === "manual" && clock.next ? { to: clock.next } : { until: "next" })}/>
      ${STEPS.map(([by, says]) => html`<${Act} key=${by} says=${says} why=${instant} on=${() => move({ by })}/>`)}
      <${Act} mark="t" says="Just before ttl" title="To 1 ms before the ttl of this flow's running step ends" why=${instant ?? beforeTtl(view, clock)} on=${() => move({ until: { ttl: view?.trackingId, edge: "before" } })}/>
      <${Act} mark="e" says="This flow's end" title="Until the flow that is open has ended" why=${instant ?? ending(view)} on=${() => move({ until: { final: view?.trackingId } })}/>
      <${Act} says=${html`${icon("idle")}Until idle`} title="Until nothing is due in this sandbox" why=${instant ?? idle} on=${() => move({ until: "idle" })}/>
    </div>
    <${DueLine}/>
  </section>`;
}

function Face() {
  const at = useNow(true);
  return html`<div class="face"><time>${time(at)}<small>.${exact(at).slice(9)}</small></time><span>${day(at)} · UTC</span></div>`;
}

/** Why there is no ttl to go to. @param {View | null} view @param {Clock} clock */
function beforeTtl(view, clock) {
  if (!view) return "No flow is open.";
  if (!view.ttlEnds) return final(view) ? "This flow has ended." : "The running step has no ttl.";
  return Date.parse(view.ttlEnds) - 1 <= Date.parse(clock.now) ? "The clock is already there." : null;
}

/** Why there is no end to go to. @param {View | null} view */
function ending(view) {
  if (!view) return "No flow is open.";
  if (final(view)) return "This flow has ended.";
  return view.due.length ? null : "Nothing is due for this flow: it waits for you.";
}

function DueLine() {
  const { world, due } = state;
  const at = useNow(due.length > 0);
  const first = due[0];
  const wait = first?.at ? Date.parse(first.at) - at : Infinity;
  return html`<p class="due"><span>${world.clock?.pending ? html`<b>${world.clock.pending.toLocaleString("en")}</b> due${first?.at && html`, the first ${wait <= 0 ? html`<b>now</b>` : html`in <b>${span(wait)}</b>`}`}` : "Nothing is due"}</span>
    ${first && html`<span title=${first.says}>${first.says}</span>`}</p>`;
}
