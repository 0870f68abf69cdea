// What can be done to a message, in the words of people. Pure: what is possible, the API says.
import { NOT_SEEN } from "./words.js";

/** @type {Record<Channel, Deed[]>} */
export const DEEDS = {
  Viber: [
    { says: "Delivered", path: ["DELIVERED"], tone: "good" },
    { says: "Opens it", path: ["DELIVERED", "SEEN"], tone: "good" },
    { says: "Not a Viber user", path: ["UNDELIVERED"], reason: "Not Viber User", tone: "bad" },
    { says: "Opted out", path: ["UNDELIVERED"], reason: "Opted Out", tone: "bad" },
    { says: "Viber times out", path: ["UNDELIVERED"], reason: "Timed Out", tone: "bad" },
    { says: "Rejected", path: ["FAILED"], reason: "Message Rejected", tone: "bad" },
  ],
  Sms: [
    { says: "With operator", path: ["Sent"], tone: "live" },
    { says: "Delivered", path: ["Delivered"], tone: "good" },
    { says: "Unknown number", path: ["Undelivered"], reason: "Unknown Number", tone: "bad" },
    { says: "Phone is off", path: ["Undelivered"], reason: "Undelivered on Handset", tone: "bad" },
    { says: "Roaming", path: ["Undelivered"], reason: "Roaming", tone: "bad" },
    { says: "Filtered by carrier", path: ["Failed"], reason: "Carrier Violation", tone: "bad" },
  ],
  Voice: [
    { says: "Rings", path: ["Ringing"], tone: "live" },
    { says: "Answers", path: ["Ringing", "InProgress"], tone: "good" },
    { says: "Heard to the end", path: ["Ringing", "InProgress", "Completed"], tone: "good" },
    { says: "Declines", path: ["Busy"], tone: "bad" },
    { says: "Lets it ring", path: ["NoAnswer"], tone: "bad" },
    { says: "Call drops", path: ["Failed"], tone: "bad" },
  ],
};

const THEN = /** @type {Record<string, string>} */ ({
  "goes on": "The step goes on.",
  "next step": "The flow goes on to the next step.",
  Succeeded: "The flow ends: reached.",
  Failed: "The flow ends: not reached.",
  "changes nothing": "The step is over: the message changes, the flow does not.",
});

/**
 * The statuses that a deed still needs, and what comes of it; or why it cannot be done now.
 * @param {Deed} deed @param {Progress} progress
 * @returns {{events: {status: string, reason?: string}[], leads: string, why: string | null}}
 */
export function offer({ path, reason }, progress) {
  const rest = path.slice(path.indexOf(progress.status ?? "") + 1);
  const legal = rest.filter((status) => progress.can.some((can) => can.status === status));
  // A late report goes straight to its end: what lies before it may no longer come.
  const events = !progress.status || progress.can.some((can) => can.status === rest[0]) ? rest : legal.slice(-1);
  const last = progress.can.find((can) => can.status === events.at(-1));
  // Until its first status, which is on its way, the mock decides.
  const possible = progress.begun !== null && (!progress.status || (rest.length > 0 && events.at(-1) === path.at(-1)));
  return {
    events: events.map((status, i) => (reason && i === events.length - 1 ? { status, reason } : { status })),
    leads: possible && last ? THEN[last.then] ?? "" : "",
    why: possible ? null : progress.begun === null ? "This step has not begun." : `The message is ${progress.status}: this cannot follow.`,
  };
}

const NEVER = /** @type {Record<string, string>} */ ({
  "Not Viber User": "No Viber on this number: nothing was shown.",
  "Opted Out": "This person blocks the sender: nothing was shown.",
  "Timed Out": "Viber did not answer in time: nothing was shown.",
  "Message Rejected": "Viber did not accept the message: nothing was shown.",
  "Unsupported Equipment": "This phone cannot show such a message.",
  "System Failure": "Viber failed: nothing was shown.",
  "Undelivered on Handset": "The phone is off: the message never arrived.",
  "Unknown Number": "The number is not in use: the message never arrived.",
  Roaming: "Abroad and out of reach: the message never arrived.",
  "Call Barred": "The line takes no messages: the message never arrived.",
  "Carrier Violation": "The operator filtered it: the message never arrived.",
});

/**
 * What the phone says of a message that is not there, or not opened; null for one that arrived.
 * @param {Lane} lane @param {boolean} over whether the flow has ended @param {(ms: number) => string} span
 * @returns {{says: string, bad: boolean, there?: boolean} | null}
 */
export function absence(lane, over, span) {
  const { progress, heard } = lane;
  if (lane.begun === null) return { says: over ? "Never needed: nothing was sent here." : "Waits its turn.", bad: false };
  const arrived = heard.some(({ status }) => ["DELIVERED", "SEEN", "Delivered"].includes(status));
  if (progress.status === "EXPIRED") {
    return arrived ? UNOPENED : { says: `Taken back when its ttl${lane.ttl ? ` of ${span(lane.ttl)}` : ""} ran out.`, bad: true };
  }
  if (arrived) return progress.status === "DELIVERED" && heard.some(({ status }) => status === NOT_SEEN) ? UNOPENED : null;
  if (progress.status === "Sent") return { says: "With the operator.", bad: false };
  if (["QUEUED", "Queued", null].includes(progress.status)) return { says: "On its way. The phone has not shown it yet.", bad: false };
  if (["UNSENT", "Unsent"].includes(progress.status ?? "")) return { says: "Never sent: the account has no balance.", bad: true };
  if (progress.reason === "Expired") return { says: `Given up when its ttl${lane.ttl ? ` of ${span(lane.ttl)}` : ""} ran out.`, bad: true };
  return { says: NEVER[progress.reason ?? ""] ?? "The message never arrived.", bad: true };
}

const UNOPENED = { says: "Shown, but not opened before its ttl ran out.", bad: true, there: true };

const CALLS = /** @type {Record<string, string>} */ ({
  Queued: "Calling …", Initiated: "Calling …", Ringing: "Incoming call …", Busy: "Declined", NoAnswer: "Missed call", Failed: "Call failed",
  Terminated: "Call cut off", Unsent: "Never called: no balance",
});

/** What the glass says of a call. @param {Lane} lane @param {number} now @param {(ms: number) => string} span */
export function call({ heard, progress, begun }, now, span) {
  if (begun === null) return "";
  const when = (wanted) => heard.find(({ status }) => status === wanted)?.at ?? 0;
  const answered = when("InProgress");
  const lasted = answered && when("Completed") - answered;
  if (progress.status === "InProgress") return `In call · ${span(Math.max(0, Math.floor((now - answered) / 1_000) * 1_000))}`.replace(" 0 ms", " 0 s");
  if (progress.status === "Completed") return lasted > 0 ? `Call ended · ${span(lasted)}` : "Call ended";
  return CALLS[progress.status ?? "Queued"] ?? "";
}
