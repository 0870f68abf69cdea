// Instants, spans, numbers and statuses, as people read them.

const SECOND = 1_000;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A length of time, such as `1 m 50 s`. @param {number} ms @returns {string} */
export function span(ms) {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60 * SECOND - 500) return ms < 10 * SECOND ? `${Number((ms / SECOND).toFixed(1))} s` : `${Math.round(ms / SECOND)} s`;
  const whole = Math.round(ms / SECOND);
  const under = whole * SECOND - ms;
  const just = under > 0 && under <= 10 ? "just under " : "";
  return just + parts(whole);
}

/** @param {number} seconds */
function parts(seconds) {
  const [d, h, m, s] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const all = /** @type {[number, string][]} */ ([[d, "d"], [h, "h"], [m, "m"], [s, "s"]]);
  const first = all.findIndex(([amount]) => amount);
  return all.slice(first, first + 2).filter(([amount]) => amount).map(([amount, unit]) => `${amount} ${unit}`).join(" ");
}

/** The time of an instant: `13:55:09`. @param {number} at */
export const time = (at) => iso(at).slice(11, 19);

/** The same to the millisecond: `13:55:09.994`. @param {number} at */
export const exact = (at) => iso(at).slice(11, 23);

/** @param {number} at */
const iso = (at) => new Date(Math.round(at)).toISOString();

/** The day of an instant: `Tue 1 Jan 2030`. @param {number} at */
export function day(at) {
  const date = new Date(at);
  return `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** A telephone number in groups, as it is read aloud. @param {string | null | undefined} number */
export function phone(number) {
  const text = number ?? "";
  const greek = /^\+30(\d{3})(\d{3})(\d{4})$/.exec(text);
  if (greek) return `+30 ${greek[1]} ${greek[2]} ${greek[3]}`;
  return /^\+\d{8,15}$/.test(text) ? text.replace(/\B(?=(\d{3})+(?!\d))/g, " ") : text;
}

/** One of something, or several. @param {number} many @param {string} one @param {string} [more] */
export const count = (many, one, more = `${one}s`) => `${many.toLocaleString("en")} ${many === 1 ? one : more}`;

/** How long an Sms is. */
export const sized = ({ parts, characters, encoding }) => [count(parts, "part"), `${characters} characters`, encoding].join(" · ");

const GOOD = new Set(["DELIVERED", "SEEN", "Delivered", "Completed", "Succeeded"]);
const ONWARD = new Set(["QUEUED", "Queued", "Sent", "Initiated", "Ringing", "InProgress"]);

/** What a message hears that was delivered and not opened in time. It is no status, and reads like one. */
export const NOT_SEEN = "Not seen";

/** How a status is coloured. @param {string | null | undefined} status @returns {"good" | "bad" | "live" | "idle"} */
export const tone = (status) => (!status ? "idle" : GOOD.has(status) ? "good" : ONWARD.has(status) ? "live" : "bad");

const SAID = /** @type {Record<string, string>} */ ({ NoAnswer: "No answer", InProgress: "In progress" });

/** A status, as a person says it. @param {string} status */
export const said = (status) => SAID[status] ?? status.charAt(0).toUpperCase() + status.slice(1).toLowerCase();

/** A reason, where it says more than its status does. @param {string} status @param {string | null} reason */
export const further = (status, reason) =>
  reason && reason.toLowerCase() !== status.toLowerCase() && !(tone(status) === "good" && reason === "Delivered") ? reason : "";

/** @param {{status: string, terminationChannel: string | null, heard: (string | null)[]}} flow */
export function verdict(flow) {
  if (flow.status === "Succeeded") return `Reached over ${flow.terminationChannel}`;
  if (flow.status === "Failed") return "Not reached";
  return "Under way";
}

/** @param {{status: string}} flow */
export const final = (flow) => flow.status === "Succeeded" || flow.status === "Failed";

/** What a move of the clock brought, in words. @param {Moved} moved */
export function told(moved) {
  const statuses = moved.transitions.filter((each) => each.status).length;
  const went = Date.parse(moved.to) - Date.parse(moved.from);
  const happened = statuses + moved.callbacks.length
    ? `${count(statuses, "status", "statuses")}, ${count(moved.callbacks.length, "callback")}`
    : "nothing happened";
  return went > 0 ? `${span(went)} later: ${happened}` : happened.charAt(0).toUpperCase() + happened.slice(1);
}
