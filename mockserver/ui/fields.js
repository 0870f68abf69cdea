// The fields of the form to send a flow: what is asked of each step, and its place in the body. Pure.

/** @typedef {{name: string, place: string, as?: "long" | "number" | "list" | "flag", also?: string[], hint?: string, more?: boolean}} Asked */

const more = (name, place, rest = {}) => ({ name, place, more: true, ...rest });
const on = (hint) => more("Fails over on", "failoverOnStatuses", { as: "list", hint });
const from = more("From", "from");
const sender = more("Sender id", "senderInfoTrackingId");
const ttl = (unit) => ({ name: `ttl, ${unit}`, place: "ttl", as: "number" });
const text = { name: "Text", place: "message.body", as: "long", also: ["message"] };
const says = { name: "What it says", place: "dialPlans.verbs.0.message.text", as: "long", also: ["dialPlan", "dialPlans", "dialPlans.verbs", "dialPlans.verbs.0.message"] };

const SMS = [text, ttl("minutes"), from, on("Undelivered, Failed")];
const VOICE = [says, from, on("Busy, NoAnswer")];
const ON_VIBER = on("Expired, Failed, Undelivered");

/** @type {Record<string, Record<string, Asked[]>>} */
export const FIELDS = /** @type {any} */ ({
  failover: {
    Viber: [
      { ...text, place: "message.text" }, ttl("minutes"), sender, more("Button", "message.action.caption", { also: ["message.action"] }),
      more("Where the button leads", "message.action.targetUrl"), more("Picture, a URL", "message.imageUrl"), ON_VIBER,
    ],
    Sms: SMS, Voice: VOICE,
  },
  transactional: { Viber: [{ name: "Template", place: "templateId" }, ttl("minutes"), sender, more("Language", "templateLang"), ON_VIBER], Sms: SMS, Voice: VOICE },
  otp: {
    ViberOtp: [
      { name: "Code", place: "pin" }, ttl("seconds"), { name: "Go on unless it is seen within the ttl from its delivery", place: "failoverAfterDelivered", as: "flag" },
      sender, more("Template", "templateId"), more("Business name", "businessName"),
    ],
    Sms: [text, ttl("seconds"), from],
  },
});

/** Where a label stands, if there can be one. @type {Record<string, Record<string, string>>} */
export const LABELS = {
  failover: { Viber: "label", Sms: "message.label" }, transactional: { Sms: "message.label" }, otp: { ViberOtp: "label", Sms: "label" },
};

/** How a field says what stands at its place. @param {any} value */
export const shownAs = (value) => (Array.isArray(value) ? value.join(", ") : value === undefined || value === null ? "" : String(value));

/** What is to stand at the place of a field in which somebody typed. @param {Asked["as"]} as @param {string} typed */
export function readAs(as, typed) {
  if (!typed) return undefined;
  if (as === "list") return typed.split(/[\s,]+/).filter(Boolean);
  return as === "number" && String(Number(typed)) === typed ? Number(typed) : typed;
}

/** What is wrong at one of these places; the places are those of the API, with dots alone. @param {Map<string, string>} wrong @param {string[]} places */
export const wrongAt = (wrong, places) => places.map((place) => wrong.get(place)).find(Boolean);

/** What is wrong, by places with dots alone: `flow.0.to`. @param {Record<string, string>} wrong */
export const dotted = (wrong) => new Map(Object.entries(wrong).map(([place, why]) => [place.replace(/\[(\d+)\]/g, ".$1"), why]));
