// One flow on the virtual clock: a lane for each step, one for the webhook.
import { html, useLayoutEffect, useMemo, useRef, useState } from "./html.js";
import { icon } from "./icons.js";
import { HATCH, scale, trueScale } from "./scale.js";
import { change, look, state, stay, useNow } from "./store.js";
import { lanes, lastInstant, marks, note, open, posts } from "./story.js";
import { exact, final, said, span, time, tone } from "./words.js";

const BASE = 44; // pixels from the top of the webhook lane to its lowest dots
const FLAG = 46; // pixels of half the flag of the clock
const TALL = 5; // dots that are stacked

/** @param {{view: View, step: number}} props */
export function Timeline({ view, step }) {
  const frame = useRef(/** @type {HTMLElement | null} */ (null));
  const width = useWidth(frame);
  const all = useMemo(() => lanes(view), [view]);
  const running = useNow(open(view));
  const now = open(view) || running <= lastInstant(view) + 1_000 ? running : null;
  const found = useMemo(() => marks(view, all, now, measure, said), [view, now]);
  const axis = useMemo(() => {
    return state.trueScale ? trueScale(found, width) : scale(found, width, (length) => measure(span(length), true), !(open(view) && state.world.clock?.mode === "realtime"));
  }, [found, width, state.trueScale]);
  useEdge(frame, axis, Math.max(...found.filter((mark) => mark.heard || (mark.lane === "now" && !final(view))).map((mark) => axis.at(mark.at) + mark.room)));
  const nowX = now === null ? null : Math.max(axis.at(now), ...all.flatMap((lane) => lane.heard.filter((heard) => heard.at === now).map((heard) => axis.at(heard.x))));
  return html`<section class=${`timeline ${state.trueScale ? "true-scale" : ""}`} aria-label="Timeline on the virtual clock">
    <div class="lane-names">
      <div class="axis-name">virtual time<button class="scale" aria-pressed=${state.trueScale} onClick=${() => change({ trueScale: !state.trueScale })}
        title=${state.trueScale ? "Fold the silences (z)" : "Without folds: true scale (z)"}>${state.trueScale ? "true" : "folded"}</button></div>
      ${all.map((lane) => html`<${Name} key=${lane.step} lane=${lane} chosen=${lane.step === step} over=${final(view)}/>`)}
      <div class="lane-name hook">${icon("hook")}<span><b>Webhook</b><small>${summary(view)}</small></span></div>
    </div>
    <div class="plot" ref=${frame} tabindex="0" role="group" aria-label="The plot; the tab Why tells the same in words">
      <div class="canvas" aria-hidden="true" style=${{ width: `${axis.width}px` }}>
        <div class="axis">
          ${axis.folds.map((fold) => html`<span key=${fold.x} class="fold-length" style=${left(fold.x)}>${span(fold.length)}</span>`)}
          ${axis.ticks.filter((at) => nowX === null || Math.abs(axis.at(at) + 26 - nowX) > 84).map((at) => html`<span key=${at} class="tick" style=${left(axis.at(at))}>${time(at)}</span>`)}
        </div>
        ${axis.folds.map((fold) => html`<i key=${fold.x} class="fold" style=${left(fold.x - HATCH / 2)}></i>`)}
        ${all.map((lane, i) => html`<${Plot} key=${lane.step} lane=${lane} after=${all[i + 1]} axis=${axis} now=${nowX} over=${final(view)} chosen=${lane.step === step}/>`)}
        <${Hooks} view=${view} axis=${axis}/>
        ${nowX !== null && html`<div class="now" style=${left(nowX)}><span style=${{ marginLeft: `${Math.max(0, FLAG - nowX)}px` }}>now ${time(/** @type {number} */ (now))}</span></div>`}
      </div>
    </div>
  </section>`;
}

/** @param {number} x */
const left = (x) => ({ left: `${Math.round(x * 10) / 10}px` });

/** @param {{lane: Lane, chosen: boolean, over: boolean}} props */
function Name({ lane, chosen, over }) {
  const says = lane.begun === null ? (over ? "never needed" : "waits its turn") : lane.outcome ? `planned: ${lane.outcome}` : "";
  return html`<button class=${`lane-name ${lane.channel} ${chosen ? "chosen" : ""}`} aria-pressed=${chosen} onClick=${() => look(lane.step)}>
    ${icon(lane.channel)}<span><b>${lane.step} ${lane.channel}</b><small>${says}</small></span></button>`;
}

/** @param {View} view */
function summary({ callback, callbacks }) {
  const bad = callbacks.filter((each) => each.attempts.length && !each.attempts.at(-1)?.delivered).length;
  if (!callback) return "none asked for";
  if (!callbacks.length) return "nothing posted yet";
  return bad ? `${bad} of ${callbacks.length} failed` : `${callbacks.filter(({ state }) => state === "delivered").length} delivered`;
}

/** @param {{lane: Lane, after?: Lane, axis: Scale, now: number | null, over: boolean, chosen: boolean}} props */
function Plot({ lane, after, axis, now, over, chosen }) {
  const { begun } = lane;
  if (begun === null) {
    return html`<div class=${`lane ${lane.channel} ${chosen ? "chosen" : ""}`}><span class="unborn" style=${left((over || now === null ? axis.end : now) + 14)}></span></div>`;
  }
  const from = axis.at(begun);
  const to = lane.live ? Math.max(now ?? from, from) : axis.at(lane.ended ?? begun);
  const end = lane.live && lane.ttlEnds ? axis.at(lane.ttlEnds) : null;
  return html`<div class=${`lane ${lane.channel} ${chosen ? "chosen" : ""}`}>
    ${end !== null && end > to && html`<span class="ttl" style=${{ ...left(to), width: `${end - to}px` }}></span><span class="ttl-flag" style=${left(end)}>ttl ${span(lane.ttl ?? 0)}</span>`}
    <span class=${`bar ${lane.live ? "live" : ""}`} style=${{ ...left(from), width: `${Math.max(3, to - from)}px` }}></span>
    ${after?.begun != null && html`<span class="hop" style=${left(axis.at(after.begun))}></span>`}
    ${lane.heard.map((heard, i) => html`<${Dot} key=${heard.number} heard=${heard} x=${axis.at(heard.x)} arrived=${i === 0 && lane.step > 1} leaves=${!heard.late && after?.begun === heard.x}/>`)}
    ${lane.due.map((due, i) => html`<span key=${`due ${i}`} class="mark due" style=${left(axis.at(Date.parse(due.at)))} title=${`${exact(Date.parse(due.at))} due: ${due.says}`}><b>${said(due.status ?? "")}</b></span>`)}
  </div>`;
}

/** @param {{heard: Heard, x: number, arrived: boolean, leaves: boolean}} props */
function Dot({ heard, x, arrived, leaves }) {
  const says = `${exact(heard.at)} ${heard.status}${heard.reason ? ` (${heard.reason})` : ""}${heard.cause === "ttl" ? ", the ttl ran out" : ""}${heard.late ? ", late" : ""}`;
  return html`<span class=${`mark ${tone(heard.status)} ${heard.late ? "late" : ""} ${arrived ? "arrived" : ""} ${leaves ? "leaves" : ""}`} style=${left(x)} title=${says}>
    <b>${said(heard.status)}</b>${note(heard) && html`<small>${note(heard)}</small>`}</span>`;
}

/** @param {{view: View, axis: Scale}} props */
function Hooks({ view, axis }) {
  const all = posts(view);
  /** @type {Map<number, number>} */ const stacks = new Map();
  /** @type {Map<string, number>} */ const heights = new Map();
  for (const post of all) {
    const up = stacks.get(post.instant) ?? 0;
    stacks.set(post.instant, up + 1);
    heights.set(`${post.callback}.${post.attempt}`, BASE - Math.min(up, TALL - 1) * 9);
  }
  const show = (callback) => {
    stay({ tab: "webhook" });
    change({ lit: callback });
  };
  return html`<div class="lane hooks">
    <svg class="arcs" width=${axis.width} height="78">${view.callbacks.flatMap((callback) => arcs(callback, axis, heights))}</svg>
    ${all.map((post) => html`<span key=${`${post.callback}.${post.attempt}`} class=${`post ${post.delivered ? "good" : "bad"} ${state.lit === post.callback ? "lit" : ""}`}
      style=${{ ...left(axis.at(post.instant)), top: `${heights.get(`${post.callback}.${post.attempt}`)}px` }} onClick=${() => show(post.callback)}
      title=${`${exact(post.instant)} callback ${post.callback}, attempt ${post.attempt}: ${post.status ?? post.error}`}></span>`)}
    ${view.callbacks.filter((each) => each.nextRetry).map((each) => html`<span key=${each.callback} class=${`post due ${state.lit === each.callback ? "lit" : ""}`} onClick=${() => show(each.callback)}
      style=${{ ...left(axis.at(Date.parse(each.nextRetry ?? ""))), top: `${BASE}px` }} title=${`${exact(Date.parse(each.nextRetry ?? ""))} retry of callback ${each.callback} is due`}></span>`)}
  </div>`;
}

/** The arcs from the attempts of a callback to their retries. @param {Callback} callback @param {Scale} axis @param {Map<string, number>} heights */
function arcs(callback, axis, heights) {
  const points = callback.attempts.map((attempt) => ({ x: axis.at(Date.parse(attempt.at)), y: heights.get(`${callback.callback}.${attempt.attempt}`) ?? BASE, due: false }));
  if (callback.nextRetry) points.push({ x: axis.at(Date.parse(callback.nextRetry)), y: BASE, due: true });
  return points.slice(1).map(({ x, y, due }, i) => {
    const { x: from, y: base } = points[i];
    const deep = Math.max(base, y) + Math.min(26, 8 + (x - from) / 10);
    return html`<path key=${`${callback.callback}.${i}`} class=${`${due ? "due" : ""} ${state.lit === callback.callback ? "lit" : ""}`} d=${`M${from} ${base} Q${(from + x) / 2} ${deep} ${x} ${y}`}/>`;
  });
}

/** The width of an element, as it changes. @param {{current: HTMLElement | null}} element */
function useWidth(element) {
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([{ contentRect }]) => setWidth(contentRect.width));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Keep what was heard last, and the clock while it moves, in sight: all that is written up to `edge`. @param {{current: HTMLElement | null}} element @param {Scale} axis @param {number} edge */
function useEdge(element, axis, edge) {
  useLayoutEffect(() => {
    const plot = element.current;
    if (plot && axis.width > plot.clientWidth) plot.scrollLeft = Math.max(0, edge - plot.clientWidth);
  }, [Math.round(edge), axis.width]);
}

/** @type {CanvasRenderingContext2D | null} */
let pen = null;
/** @type {Map<string, number>} */
const measured = new Map();

/** The pixels of a text, as it is drawn on the plot. @param {string} text @param {boolean} [small] */
function measure(text, small = false) {
  const font = small ? "11px" : "600 12px";
  const known = measured.get(font + text);
  if (known !== undefined) return known;
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) return text.length * 8;
  pen.font = `${font} ${getComputedStyle(document.body).fontFamily}`;
  const width = pen.measureText(text).width;
  if (measured.size > 2_000) measured.clear();
  measured.set(font + text, width);
  return width;
}
