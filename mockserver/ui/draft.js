// A flow that is being written: what its fields say, as the body of a request and as a scenario. Pure but for its memory.

const MEMORY = "routee-mock-draft";

export const CHANNELS = /** @type {Channel[]} */ (["Viber", "Sms", "Voice"]);

/** What the recipient does, when nothing is planned. */
export const AS_NUMBER = "";
export const BY_HAND = "by hand";

/** A step as it is offered first. @param {Channel} type @returns {DraftStep} */
export const blankStep = (type) => ({
  type,
  text: type === "Voice" ? "Hello. Your parcel is at the door." : "Your parcel is at the door.",
  ttl: type === "Viber" ? "10" : type === "Sms" ? "60" : "",
  sender: { Viber: "shop", Sms: "Shop", Voice: "+302100000000" }[type],
  outcome: BY_HAND,
  button: type === "Viber" ? "Track my parcel" : "",
  target: type === "Viber" ? "https://shop.example/track" : "",
  picture: "",
  on: "",
});

/** @returns {Draft} */
const fresh = () => ({ to: "+306900000000", label: "", url: "", strategy: "OnStep", steps: CHANNELS.map(blankStep) });

/** The last draft that was sent from this browser, or a new one. @returns {Draft} */
export function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(MEMORY) ?? "null");
    return kept?.steps?.length ? { ...fresh(), ...kept } : fresh();
  } catch {
    return fresh();
  }
}

/** @param {Draft} draft */
export const remember = (draft) => localStorage.setItem(MEMORY, JSON.stringify(draft));

/** A flow that was sent, to be sent again. @param {View} view @returns {Draft} */
export function draftOf(view) {
  return {
    to: view.to[0] ?? "",
    label: view.label,
    url: view.callback?.url ?? "",
    strategy: view.callback?.strategy ?? "OnStep",
    steps: view.steps.map((step, i) => ({
      ...blankStep(step.type),
      text: step.message?.text ?? step.message?.body ?? step.dialPlans?.verbs?.find((verb) => verb.message)?.message.text ?? "",
      ttl: step.ttl ? String(step.ttl) : "",
      sender: step.senderInfoTrackingId ?? step.from ?? "",
      button: step.message?.action?.caption ?? "",
      target: step.message?.action?.targetUrl ?? "",
      picture: step.message?.imageUrl ?? "",
      on: (step.failoverOnStatuses ?? []).join(", "),
      outcome: view.progress[i]?.outcome === BY_HAND ? BY_HAND : AS_NUMBER,
    })),
  };
}

/** The body of the request. sink: where callbacks go if nothing else is said. @param {Draft} draft @param {string} sink */
export const bodyOf = (draft, sink) => ({
  flow: draft.steps.map((step) => stepOf(step, draft)),
  callback: { strategy: draft.strategy, url: draft.url || sink },
});

/** @param {DraftStep} step @param {Draft} draft */
function stepOf(step, { to, label }) {
  const on = step.on.split(/[\s,]+/).filter(Boolean);
  return {
    type: step.type,
    to,
    ...CONTENT[step.type](step),
    ...(step.ttl ? { ttl: Number(step.ttl) } : {}),
    ...(label ? { label } : {}),
    ...(on.length ? { failoverOnStatuses: on } : {}),
  };
}

/** @type {Record<Channel, (step: DraftStep) => object>} */
const CONTENT = {
  Viber: ({ sender, text, picture, button, target }) => ({
    senderInfoTrackingId: sender,
    message: { ...(text ? { text } : {}), ...(picture ? { imageUrl: picture } : {}), ...(button ? { action: { caption: button, targetUrl: target } } : {}) },
  }),
  Sms: ({ sender, text }) => ({ from: sender, message: { body: text } }),
  Voice: ({ sender, text }) => ({ from: sender, dialPlans: { verbs: [{ type: "SAY", message: { text } }] } }),
};

/** What is planned for the steps; null if the number decides each. @param {Draft} draft @param {string} name */
export function scenarioOf(draft, name) {
  const planned = draft.steps.filter((step) => step.outcome !== AS_NUMBER);
  if (!planned.length) return null;
  const plain = new Set(draft.steps.map((step) => step.type)).size === draft.steps.length;
  const said = (step) => [step.type.toLowerCase(), step.outcome || "delivered"];
  return {
    name,
    when: { to: draft.to },
    uses: 1,
    ...(plain ? Object.fromEntries(planned.map(said)) : { steps: draft.steps.map((step) => Object.fromEntries([step.outcome ? said(step) : [step.type.toLowerCase(), step.type === "Voice" ? "completed" : "delivered"]])) }),
  };
}
