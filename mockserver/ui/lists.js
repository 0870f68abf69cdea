// What is listed: flows, refused requests, sandboxes, what is due. Each is read again when it changes, not often.
import { Refused, ask, within } from "./api.js";
import { learn } from "./fold.js";
import { change, state } from "./store.js";
import { readView } from "./view.js";

const REST = 800; // milliseconds between two readings of a list: an open page must cost a busy mock little
const FIRST = 60; // rows read again after a change: more than are seen
const PAGE = 1_000;

/** @type {Map<string, {timer: number, again: boolean}>} */
const resting = new Map();

/**
 * Do something now, and not again before a rest; what is asked for meanwhile is done once, after it.
 * @param {string} name @param {() => Promise<void>} action
 */
function seldom(name, action) {
  const rest = resting.get(name);
  if (rest) {
    rest.again = true;
    return;
  }
  const entry = { timer: 0, again: false };
  resting.set(name, entry);
  const wake = () => {
    resting.delete(name);
    if (entry.again) seldom(name, action);
  };
  action().catch(quietly).finally(() => {
    entry.timer = window.setTimeout(wake, REST);
  });
}

/** The stream tells when the link is lost; a failed reading adds nothing. @param {unknown} error */
function quietly(error) {
  if (!(error instanceof Refused) && !(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
}

/** What the list shows: another sandbox, group or search is another list. */
const key = () => JSON.stringify([state.route.sandbox, state.world.epoch, state.route.only, state.route.q]);

const everything = () => state.route.only === "all" && !state.route.q;

let sent = 0;

/** Read the top of the list again. @param {string[]} [fresh] flows that were just sent, oldest first */
export function readList(fresh = []) {
  if (fresh.length && everything() && state.list.key === key()) {
    const { list } = state;
    const ids = [...fresh.filter((id) => !list.ids.includes(id)).reverse(), ...list.ids];
    change({ list: { ...list, ids, total: list.total + ids.length - list.ids.length } });
  }
  sent += fresh.length;
  seldom("flows", readTop);
}

/** @param {number} limit @param {number} [before] */
function page(limit, before) {
  const { only, q, sandbox } = state.route;
  const group = only === "refused" ? "all" : only;
  const query = new URLSearchParams({ order: "desc", limit: String(limit), only: group, ...(q ? { q: q.slice(0, 200) } : {}) });
  if (before) query.set("before", String(before));
  return ask(within(sandbox, `flows?${query}`));
}

async function readTop() {
  const wanted = key();
  const limit = Math.min(PAGE, Math.max(FIRST, sent + 20));
  sent = 0;
  const { flows, total } = await page(limit);
  if (wanted !== key()) return readList();
  const world = learn(state.world, flows);
  const last = flows.length === limit ? flows.at(-1).flow : 0;
  const older = state.list.key === wanted ? state.list.ids.filter((id) => (world.lines.get(id)?.flow ?? 0) < last) : [];
  const ids = [...flows.map((line) => line.trackingId), ...older];
  change({ world, list: { key: wanted, ids, total, whole: ids.length >= total } });
  readView();
}

let reading = false;

/** Read on where the list ends. */
export async function readOn() {
  if (reading || state.list.whole || state.list.key !== key()) return;
  reading = true;
  try {
    const wanted = key();
    const last = state.world.lines.get(state.list.ids.at(-1) ?? "")?.flow;
    const { flows, total } = await page(PAGE, last);
    if (wanted !== key()) return;
    const ids = [...new Set([...state.list.ids, ...flows.map((line) => line.trackingId)])];
    change({ world: learn(state.world, flows), list: { key: wanted, ids, total, whole: flows.length < PAGE } });
  } catch (error) {
    quietly(error);
  } finally {
    reading = false;
  }
}

export function readRefused() {
  seldom("refused", async () => {
    if (state.route.only !== "refused" && state.refused.requests.length === 0 && !state.world.counts?.refused) return;
    const { sandbox } = state.route;
    const refused = await ask(within(sandbox, "requests?only=refused&order=desc&limit=50"));
    if (sandbox === state.route.sandbox) change({ refused });
  });
}

export function readDue() {
  seldom("due", async () => {
    const { sandbox } = state.route;
    const { due } = await ask(within(sandbox, "due"));
    if (sandbox === state.route.sandbox) change({ due });
  });
}

export function readSandboxes() {
  seldom("sandboxes", async () => {
    const { sandboxes, elsewhere = [] } = await ask("../sandboxes");
    change({ sandboxes: sandboxes.concat(elsewhere) });
  });
}
