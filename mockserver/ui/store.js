// What the page knows, and who wants to hear of changes.
import { useEffect, useState } from "./html.js";
import { NOTHING } from "./fold.js";
import { read, write } from "./route.js";

/** @type {State} */
export const state = {
  link: "connecting",
  route: read(location.hash),
  world: NOTHING,
  heardAt: 0,
  list: { key: "", ids: [], total: 0, whole: false },
  refused: { requests: [], total: 0 },
  due: [],
  sandboxes: [],
  view: null,
  missing: null,
  problem: null,
  told: "",
  pane: null,
  trueScale: false,
  lit: null,
  draft: null,
};

/** What a page knows of a sandbox before it has asked: nothing. @returns {Partial<State>} */
export const blank = () => ({
  world: NOTHING, list: { key: "", ids: [], total: 0, whole: false }, refused: { requests: [], total: 0 }, due: [], view: null, missing: null,
});

/** @type {Set<() => void>} */
const watchers = new Set();
let asked = false;

/** Change what is known; whoever watches is told before the next frame. @param {Partial<State>} known */
export function change(known) {
  Object.assign(state, known);
  if (asked) return;
  asked = true;
  const tell = () => {
    asked = false;
    for (const watcher of watchers) watcher();
  };
  if (document.hidden) setTimeout(tell);
  else requestAnimationFrame(tell);
}

/** What is known; the component is drawn again when it changes. @returns {State} */
export function useStore() {
  const [, again] = useState(0);
  useEffect(() => {
    const watcher = () => again((n) => n + 1);
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
    };
  }, []);
  return state;
}

/** The flow that is shown: the one that the link names, or the newest. */
export const shown = () => state.route.flow ?? state.world.latest;

/** Go somewhere: a step that the way back undoes, unless it replaces the last. @param {Partial<Route>} to @param {boolean} [instead] */
export function go(to, instead = false) {
  const hash = write({ ...state.route, ...to });
  if (hash === location.hash) return;
  if (instead) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** @param {View} view */
const latestOf = (view) => Math.max(1, ...view.progress.filter((each) => each.begun).map((each) => each.step));

/** The step that a person would look at: the one that was chosen, or the last that has begun. @param {View} view */
export const stepOf = (view) => Math.min(state.route.step ?? latestOf(view), view.progress.length);

/** Stay with the flow that is shown: somebody works on it. @param {Partial<Route>} [to] @param {boolean} [instead] */
export const stay = (to = {}, instead = true) => go({ flow: state.view?.trackingId ?? shown(), ...to }, instead);

/** Look at a step; from the latest the phone goes on with the flow. @param {number} step */
export const look = (step) => stay({ step: state.view && step === latestOf(state.view) ? null : step });

/** Where the virtual clock stands now, between two readings too; in milliseconds since 1970. */
export function now() {
  const { clock } = state.world;
  if (!clock) return 0;
  const read = Date.parse(clock.now);
  return clock.mode === "realtime" ? read + (performance.now() - state.heardAt) * clock.rate : read;
}

/** The same, drawn again with every frame while time runs by itself and `wanted`. @param {boolean} wanted */
export function useNow(wanted) {
  const [, again] = useState(0);
  const runs = wanted && state.world.clock?.mode === "realtime";
  useEffect(() => {
    if (!runs) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let frame = 0;
    const tick = () => {
      again((n) => n + 1);
      frame = still ? window.setTimeout(tick, 1_000) : requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => {
      clearTimeout(frame);
      cancelAnimationFrame(frame);
    };
  }, [runs]);
  return now();
}
