// A flow that is being written: the body of its send, and what is planned. Pure but for its memory.
//
// A step is kept as it will be sent: one sent before goes out the same, whatever the form shows.

const MEMORY = "routee-mock-draft";

/** What the recipient does, when nothing is planned. */
export const AS_NUMBER = "";
export const BY_HAND = "by hand";

const BASIC = "0aac888f-2ee2-4112-9659-1755a951966a"; // Viber's template of a code and no more
const PARCEL = "Your parcel is at the door.";

const BY_SHOP = { ttl: 10, senderInfoTrackingId: "shop" };
const OTHERS = {
  Sms: { ttl: 60, from: "Shop", message: { body: PARCEL } },
  Voice: { from: "+302100000000", dialPlans: { verbs: [{ type: "SAY", message: { text: `Hello. ${PARCEL}` } }] } },
};

/** The steps of each kind of flow, as first offered. @type {Record<string, Record<string, any>>} */
export const STEPS = {
  failover: { Viber: { ...BY_SHOP, message: { text: PARCEL, action: { caption: "Track my parcel", targetUrl: "https://shop.example/track" } } }, ...OTHERS },
  transactional: { Viber: { ...BY_SHOP, templateId: "order-update", templateLang: "en" }, ...OTHERS },
  otp: {
    ViberOtp: { ttl: 60, senderInfoTrackingId: "bank", templateId: BASIC, pin: "739154", failoverAfterDelivered: true },
    Sms: { ttl: 300, from: "Bank", message: { body: "739154 is your code." } },
  },
};

/** The channel of a step. @param {string} type @returns {Channel} */
export const channelOf = (type) => /** @type {Channel} */ (type.replace("Otp", ""));

let steps = 0;

/** A step of a draft. @param {any} asked @param {string} [outcome] @returns {DraftStep} */
const stepOf = (asked, outcome = BY_HAND) => ({ id: ++steps, asked, outcome });

/** A step as it is offered first. @param {string} kind @param {string} type @param {unknown} to */
export const blankStep = (kind, type, to) => stepOf({ type, to, ...STEPS[kind][type] });

/** A flow as it is offered first. @param {string} [kind] @param {unknown} [to] @returns {Draft} */
export const fresh = (kind = "failover", to = "+306900000000") => ordered({
  kind,
  rest: { callback: kind === "otp" ? { url: "" } : { strategy: "OnStep", url: "" } },
  steps: Object.keys(STEPS[kind]).map((type) => blankStep(kind, type, to)),
});

/** The last draft that was sent from this browser, or a new one if it is not understood. @returns {Draft} */
export function remembered() {
  try {
    const { kind, rest, steps } = JSON.parse(localStorage.getItem(MEMORY) ?? "null");
    if (!steps.every(({ asked }) => asked.type in STEPS[kind])) return fresh();
    return { kind, rest, steps: steps.map((step) => stepOf(step.asked, step.outcome)) };
  } catch {
    return fresh();
  }
}

/** @param {Draft} draft */
export const remember = (draft) => localStorage.setItem(MEMORY, JSON.stringify(draft));

/** A flow that was sent, to be sent again. @param {View} view @returns {Draft} */
export function draftOf({ kind, callback, restrictions, steps, progress }) {
  return {
    kind,
    rest: { ...(callback ? { callback: kind === "otp" ? { url: callback.url } : callback } : {}), ...(restrictions ? { restrictions } : {}) },
    steps: steps.map((asked, i) => stepOf(asked, progress[i].outcome === BY_HAND ? BY_HAND : AS_NUMBER)),
  };
}

/** The same with other steps, which run in their order. @param {Draft} draft @param {DraftStep[]} [steps] @returns {Draft} */
export function ordered(draft, steps = draft.steps) {
  const place = (asked, order) => (draft.kind === "otp" ? { ...asked, order } : put(asked, "order", undefined));
  return { ...draft, steps: steps.map((step, i) => ({ ...step, asked: place(step.asked, i + 1) })) };
}

/** The body of the request. sink: where callbacks go if nothing else is said. @param {Draft} draft @param {string} sink */
export const bodyOf = ({ rest, steps }, sink) => ({
  flow: steps.map(({ asked }) => asked),
  ...rest,
  ...(rest.callback ? { callback: { ...rest.callback, url: rest.callback.url || sink } } : {}),
});

/** The number of a recipient, however it was written. @param {any} to @returns {string} */
export const numberOf = (to) => (typeof to === "string" ? to : to?.phone ?? to?.viber ?? to?.sip ?? to?.[0] ?? "");

/** What stands at a place of a step, such as `message.text`. @param {any} data @param {string} place */
export const get = (data, place) => place.split(".").reduce((inner, name) => inner?.[name], data);

/** A copy with something else at a place; without the place, and objects that it leaves empty, for undefined. @param {any} data @param {string} place @param {unknown} value */
export function put(data, place, value) {
  const [name, ...inner] = place.split(".");
  const said = inner.length ? put(data?.[name] ?? {}, inner.join("."), value) : value;
  if (Array.isArray(data)) return data.map((each, i) => (i === Number(name) ? said : each));
  const { [name]: _, ...others } = data ?? {};
  const gone = said === undefined || (inner.length && value === undefined && !Object.keys(said).length);
  return gone ? others : { ...data, [name]: said };
}

/** What is planned for the steps; null if the number decides each. @param {Draft} draft @param {string} name */
export function scenarioOf({ steps }, name) {
  const planned = steps.filter((step) => step.outcome !== AS_NUMBER);
  if (!planned.length) return null;
  const plain = new Set(steps.map(({ asked }) => asked.type)).size === steps.length;
  const said = ({ asked, outcome }) => (outcome ? { [channelOf(asked.type).toLowerCase()]: outcome } : {});
  return {
    name,
    when: { to: numberOf(steps[0].asked.to) },
    uses: 1,
    ...(plain ? Object.assign({}, ...planned.map(said)) : { steps: steps.map(said) }),
  };
}
