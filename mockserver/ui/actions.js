// What a person does on the page. Each is one request; what came of it is told in words.
import { ask, within } from "./api.js";
import { change, go, stay, state } from "./store.js";
import { readDue, readSandboxes } from "./lists.js";
import { readView } from "./view.js";
import { told } from "./words.js";

/** Ask the open sandbox. @param {string} method @param {string} path @param {unknown} [body] */
export const request = (method, path, body) => ask(within(state.route.sandbox, path), { method, body });

let latest = 0;

/**
 * Do something, and tell what came of it or why it cannot be done.
 * @template T @param {() => Promise<T>} action @param {(answer: T) => string} [says] @returns {Promise<T | null>}
 */
export async function attempt(action, says) {
  const mine = ++latest;
  try {
    const answer = await action();
    change({ problem: null, ...(says && mine === latest ? { told: says(answer) } : {}) });
    return answer;
  } catch (error) {
    change({ problem: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

/** Move the clock. @param {Record<string, unknown>} move */
export async function move(move) {
  const moved = await attempt(() => request("POST", "clock/advance", move), told);
  if (moved) {
    stands(moved.clock);
    readDue();
    readView(true);
  }
}

/** Let time move another way. @param {{mode: string, rate?: number}} wanted */
export async function pace(wanted) {
  const clock = await attempt(() => request("PUT", "clock", wanted), () => "");
  if (clock) stands(clock);
}

/** @param {Clock} clock */
const stands = (clock) => change({ world: { ...state.world, clock }, heardAt: performance.now() });

function message(step, what, more, says) {
  const { view } = state;
  if (view) attempt(() => request("POST", what, { trackingId: view.trackingId, step, ...more }), says).then(() => readView(true));
}

/** Make a message hear statuses, all in one instant. @param {number} step @param {{status: string, reason?: string}[]} events */
export function push(step, events) {
  stay();
  message(step, "events", { events }, told);
}

/** Drop what was planned for a message. @param {number} step */
export function hold(step) {
  stay();
  message(step, "hold", {}, () => "Taken over: only the ttl and you change it now");
}

/** Answer a Viber message. @param {number} step @param {string} text */
export const reply = (step, text) => message(step, "inbound", { message: text }, () => "The reply was posted");

/** Send a flow, and open it. @param {string} kind @param {unknown} body @param {unknown} scenario */
export async function sendFlow(kind, body, scenario) {
  if (scenario) await request("POST", "scenarios", scenario);
  const { trackingId, flowId } = await request("POST", `flows?kind=${kind}`, body);
  readSandboxes();
  change({ told: "Sent", problem: null });
  go({ flow: trackingId ?? flowId, step: null, only: "all", q: "" });
}

/** Copy a text. @param {string} text @param {string} what */
export const copy = (text, what) => attempt(() => (navigator.clipboard ? navigator.clipboard.writeText(text) : copyOld(text)), () => `${what} was copied`);

/** A page that comes over plain HTTP from another machine has no clipboard, only this. @param {string} text */
async function copyOld(text) {
  const field = Object.assign(document.createElement("textarea"), { value: text });
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("This browser does not let the page copy. Mark the text and copy it.");
}
