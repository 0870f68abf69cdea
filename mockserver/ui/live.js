// The link to one sandbox: its journal as a stream, and all that is read again because of what it says.
import { Refused, ask, hasToken, listen, within } from "./api.js";
import { fold } from "./fold.js";
import { readDue, readList, readRefused, readSandboxes } from "./lists.js";
import { blank, change, shown, state } from "./store.js";
import { readView } from "./view.js";
import { span } from "./words.js";

const FAR_BEHIND = 5_000; // entries to catch up with: with more, everything is read anew
const LONGEST_PAUSE = 2_000;

let line = new AbortController();

/** Begin with a sandbox: nothing of the one before is kept. @param {string} sandbox */
export function open(sandbox) {
  change({ ...blank(), link: "connecting", problem: null });
  resume(sandbox);
  readSandboxes();
}

/** Go on from the last entry that was seen. @param {string} sandbox */
export function resume(sandbox) {
  hangUp();
  line = new AbortController();
  keepListening(sandbox, line.signal);
}

/** Close the stream: a browser has only six connections to a host, and a hidden page needs none. */
export const hangUp = () => line.abort();

/** @param {string} sandbox @param {AbortSignal} signal */
async function keepListening(sandbox, signal) {
  for (let pause = 100; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      for await (const events of listen(within(sandbox, `journal?format=sse&signals=true&${place()}`), signal)) {
        if (signal.aborted) return;
        pause = 100;
        if (!take(events)) break;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && closed(error)) return;
    }
    if (signal.aborted) return;
    if (state.world.ended === "deleted") return change({ link: "gone" });
    if (state.world.epoch) change({ link: "lost" });
    await new Promise((done) => setTimeout(done, pause));
  }
}

const place = () => (state.world.epoch ? `after=${state.world.seen}` : "last=0");

/** Whether a refusal ends the link: trying again would not help. @param {Refused} error */
function closed(error) {
  if (error.status === 401) change({ link: "locked", problem: hasToken() ? "That is not the token of this mock." : null });
  if (error.status === 404) change({ ...blank(), link: "gone" });
  return error.status === 401 || error.status === 404;
}

/** Take in what came. Returns false if the page has to begin anew. @param {Signal[]} events */
function take(events) {
  const before = state.world;
  const hello = events.find((each) => each.event === "hello")?.data;
  if (hello && before.epoch && (hello.epoch !== before.epoch || hello.last - before.seen > FAR_BEHIND)) {
    if (hello.epoch !== before.epoch && hello.counts.all) tellRestart();
    change({ ...blank(), view: state.view });
    line.signal.aborted || readSandboxes();
    return false;
  }
  const world = fold(before, events);
  if (hello) change({ problem: null });
  change({ world, link: "live", heardAt: world.clock === before.clock ? state.heardAt : performance.now() });
  if (hello) readAll();
  else readChanged(events);
  return !world.ended;
}

/** If the server has kept the sandbox while it was down, say so. */
async function tellRestart() {
  const { entries } = await ask(within(state.route.sandbox, "journal?kind=restart&last=100"));
  const last = entries.at(-1);
  if (last) change({ told: `The mock was down for ${span(last.downMs)} and has kept everything` });
}

function readAll() {
  readList();
  readRefused();
  readDue();
  readView(true);
}

/** @param {Signal[]} events */
function readChanged(events) {
  const entries = events.filter(({ data }) => data.kind).map(({ data }) => data);
  if (entries.some(({ kind }) => kind !== "clock" && kind !== "request")) readList(entries.filter(({ kind }) => kind === "send").map((each) => each.trackingId));
  if (entries.some(({ kind, status }) => kind === "request" && status >= 400)) readRefused();
  if (events.some(({ event }) => event === "pulse")) readDue();
  if (entries.some(({ trackingId }) => trackingId && trackingId === shown())) readView(true);
  else readView();
}

