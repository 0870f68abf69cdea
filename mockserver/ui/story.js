// One flow, told as lanes: what each step heard and when, what is due, and what was posted. Pure.
import { NOT_SEEN, final, further } from "./words.js";

const MOST_POSTS = 250; // attempts drawn: more would be a wall of dots

/** @param {string | null | undefined} stamp */
const instant = (stamp) => (stamp ? Date.parse(stamp) : null);

/**
 * The lanes of a flow. Statuses of one instant get places of their own, in the order they were heard: an instant later
 * by a thousandth of a millisecond each.
 * @param {View} view @returns {Lane[]}
 */
export function lanes(view) {
  const over = final(view);
  const all = view.progress.map((progress, i) => begin(view, progress, view.steps[i]));
  const [cursors, last] = [new Map(), new Map()];
  for (const entry of view.journal) {
    const lane = entry.step ? all[entry.step - 1] : undefined;
    if (!lane) continue;
    const at = Date.parse(entry.at);
    if (entry.kind === "step") lane.begun = cursors.get(at) ?? at;
    if (entry.kind === "status" || entry.kind === "unseen") {
      const own = last.get(`${entry.step} ${at}`);
      const x = own === undefined ? cursors.get(at) ?? at : own + 0.001;
      last.set(`${entry.step} ${at}`, x);
      cursors.set(at, x);
      lane.heard.push(/** @type {any} */ ({ ...entry, status: entry.status ?? NOT_SEEN, at, x }));
    }
  }
  for (const [i, lane] of all.entries()) {
    const prompt = lane.heard.filter((each) => !each.late).at(-1);
    lane.live = lane.begun !== null && !over && (all[i + 1]?.begun ?? null) === null;
    lane.ended = lane.begun === null || lane.live ? null : Math.max(lane.begun, prompt?.x ?? 0);
  }
  return all;
}

/** @param {View} view @param {Progress} progress @param {any} asked @returns {Lane} */
const begin = (view, progress, asked) => ({
  step: progress.step,
  channel: progress.channel,
  asked,
  progress,
  begun: null,
  ended: null,
  live: false,
  ttl: asked.ttl ? asked.ttl * (view.kind === "otp" ? 1_000 : 60_000) : null,
  ttlEnds: instant(progress.ttlEnds),
  outcome: progress.outcome,
  heard: [],
  due: view.due.filter((due) => due.at && due.kind === "status" && due.step === progress.step && possible(due, progress)),
  message: view.document.messages?.findLast((message) => message.order === progress.step) ?? view.document.steps?.[progress.step - 1] ?? null,
});

/** Whether a message can still hear what is planned: something else may have been said by hand. @param {Due} due @param {Progress} progress */
const possible = ({ status }, progress) => !progress.status || progress.can.some((can) => can.status === status);

/** What stands under a status. @param {{status: string, reason: string | null, late?: boolean}} heard */
export const note = ({ status, reason, late }) => [further(status, reason), late ? "late: changes nothing" : ""].filter(Boolean).join(", ");

/** Every attempt to post a callback, with its callback. @param {View} view @returns {Post[]} */
export const posts = (view) =>
  view.callbacks
    .flatMap((callback) => callback.attempts.map((attempt) => ({ ...attempt, instant: Date.parse(attempt.at), of: callback })))
    .sort((a, b) => a.instant - b.instant || a.callback - b.callback)
    .slice(-MOST_POSTS);

/** Whether there is still something to come for a flow, so that it matters where the clock stands. @param {View} view */
export const open = (view) => !final(view) || view.due.length > 0;

/** The last instant at which something happened. @param {View} view */
export const lastInstant = (view) => Math.max(...view.journal.map((entry) => Date.parse(entry.at)));

/**
 * The marks that the scale needs. text: pixels of a text on the plot. now: null if the clock is not drawn.
 * @param {View} view @param {Lane[]} all @param {number | null} now @param {(text: string, small?: boolean) => number} text
 * @param {(status: string) => string} said @returns {Mark[]}
 */
export function marks(view, all, now, text, said) {
  /** @type {Mark[]} */
  const found = [{ lane: "axis", at: Date.parse(view.createdAt), room: 0, named: true }];
  for (const lane of all) {
    const name = `step ${lane.step}`;
    const room = (heard) => 20 + Math.max(text(said(heard.status)), text(note(heard), true) + 6) + (heard.x === lane.begun && lane.step > 1 ? 6 : 0);
    if (lane.begun !== null) found.push({ lane: name, at: lane.begun, room: 0, named: true });
    for (const heard of lane.heard) found.push({ lane: name, at: heard.x, room: room(heard), named: true, heard: true });
    for (const due of lane.due) found.push({ lane: name, at: Date.parse(due.at), room: room({ ...due, late: false }), named: true });
    if (lane.live && lane.ttlEnds) found.push({ lane: `ttl ${lane.step}`, at: lane.ttlEnds, room: 20, named: true });
  }
  for (const post of posts(view)) found.push({ lane: "webhook", at: post.instant, room: 13 });
  for (const { nextRetry } of view.callbacks) if (nextRetry) found.push({ lane: "webhook", at: Date.parse(nextRetry), room: 46 });
  if (now !== null) found.push({ lane: "now", at: Math.max(now, ...all.flatMap((lane) => lane.heard.filter((heard) => heard.at === now).map((heard) => heard.x))), room: 56, lead: 48 });
  return found;
}
