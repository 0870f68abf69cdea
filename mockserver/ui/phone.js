// The phone of the recipient, as that person sees it, and what can happen on it.
import { hold, push, reply } from "./actions.js";
import { Act } from "./act.js";
import { DEEDS, absence, call, offer } from "./deeds.js";
import { html, useMemo, useState } from "./html.js";
import { icon } from "./icons.js";
import { look, stay, useNow } from "./store.js";
import { lanes } from "./story.js";
import { final, phone, sized, span, time, tone } from "./words.js";

/** @param {{view: View, step: number}} props */
export function Phone({ view, step }) {
  const all = useMemo(() => lanes(view), [view]);
  const lane = all[step - 1];
  const now = useNow(lane.live);
  const at = lane.live ? now : lane.heard.at(-1)?.at ?? now;
  const Glass = GLASS[lane.channel];
  const turn = (event) => {
    const to = { ArrowRight: step + 1, ArrowLeft: step - 1 }[event.key];
    if (to && all[to - 1]) {
      look(to);
      /** @type {HTMLElement} */ (event.currentTarget).querySelectorAll("button")[to - 1].focus();
    }
  };
  return html`<aside class="phone-side" aria-label="The phone">
    <div class="steps" role="tablist" aria-label="Steps" onKeyDown=${turn}>${all.map((each) => html`<button key=${each.step} id=${`step-${each.step}`} role="tab" aria-selected=${each.step === step}
      aria-controls="glass" tabindex=${each.step === step ? 0 : -1} class=${each.channel} onClick=${() => look(each.step)}>${icon(each.channel)}${each.channel}<i class=${`dot ${tone(each.progress.status)}`}></i></button>`)}</div>
    <div id="glass" class=${`phone ${lane.channel}`} role="tabpanel" aria-labelledby=${`step-${step}`} tabindex="0">
      <div class="glass">
        <div class="bar-top" aria-hidden="true"><b>${time(at).slice(0, 5)}</b><i class="island"></i><i class="signal"></i></div>
        <${Glass} view=${view} lane=${lane} now=${now}/>
        <i class="home" aria-hidden="true"></i>
      </div>
    </div>
    <${Deeds} key=${`${view.trackingId} ${step}`} view=${view} lane=${lane}/>
  </aside>`;
}

/** @param {{view: View, lane: Lane}} props */
function Deeds({ view, lane }) {
  const [replying, setReplying] = useState(false);
  const deeds = DEEDS[lane.channel];
  const answer = () => {
    stay({ step: lane.step });
    setReplying(!replying);
  };
  const planned = lane.due.length > 0 || (lane.begun === null && !final(view));
  return html`<section class="deeds" aria-label="What happens">
    <h2>What happens on ${phone(lane.progress.to)}</h2>
    <div class="deed-list">${deeds.map((deed, i) => {
      const { events, leads, why } = offer(deed, lane.progress);
      return html`<${Act} key=${deed.says} says=${html`<span>${deed.says}</span>`} mark=${String(i + 1)} class=${`deed ${deed.tone}`} why=${why} title=${leads} on=${() => push(lane.step, events)}/>`;
    })}
    ${lane.channel === "Viber" && html`<${Act} says=${html`<span>Replies …</span>`} mark="7" class="deed live" why=${lane.begun === null ? "This step has not begun." : lane.asked.inboundUrl ? null : "The step has no inboundUrl."} on=${answer}/>`}
    <${Act} says="Take over by hand" mark=${lane.channel === "Viber" ? "8" : "7"} class="deed hand" title="Drops what was planned for this message"
      why=${planned ? null : "Nothing is planned for this message."} on=${() => hold(lane.step)}/></div>
    ${replying && html`<${Reply} send=${(text) => {
      reply(lane.step, text);
      setReplying(false);
    }}/>`}
  </section>`;
}

/** @param {{send: (text: string) => void}} props */
function Reply({ send }) {
  const [text, setText] = useState("Thank you");
  const submit = (event) => {
    event.preventDefault();
    if (text) send(text);
  };
  return html`<form class="reply" onSubmit=${submit}><label>The reply<input maxlength="7000" value=${text} ref=${(box) => box?.focus()}
    onInput=${(event) => setText(event.target.value)}/></label><button class="main">Send the reply</button></form>`;
}

/** @type {Record<Channel, (props: {view: View, lane: Lane, now: number}) => unknown>} */
const GLASS = { Viber, Sms, Voice };

/** @param {{view: View, lane: Lane}} props */
function Viber({ view, lane }) {
  const message = lane.asked.message ?? {};
  const gone = absence(lane, final(view), span);
  const { status } = lane.progress;
  const ticks = status === "SEEN" || status === "DELIVERED" || gone?.there ? "✓✓" : gone?.bad ? "✕" : "◷";
  const replies = view.journal.filter((entry) => entry.kind === "inbound" && (entry.step ?? lane.step) === lane.step);
  const sender = lane.message?.from ?? "Sender";
  return html`<div class="app viber-app">
    <header><span class="avatar" aria-hidden="true">${first(sender)}</span><span><b>${sender}</b><small>Business chat</small></span></header>
    <div class="chat">
      <div class=${`bubble ${gone && !gone.there ? "ghost" : ""}`}>
        ${lane.asked.pin && html`<${Password} asked=${lane.asked}/>`}
        ${message.imageUrl && html`<${File} kind="image" url=${message.imageUrl}/>`}
        ${message.videoUrl && html`<${File} kind="film" url=${message.videoUrl}/>`}
        ${message.text && html`<p>${message.text}</p>`}
        ${message.action && html`<span class="action" title=${message.action.targetUrl}>${message.action.caption}</span>`}
        <small class="when">${lane.begun === null ? "" : time(lane.begun).slice(0, 5)} <i class=${`ticks ${status}`}>${ticks}</i></small>
      </div>
      ${gone && html`<${Notice} of=${gone}/>`}
      ${replies.map((entry) => html`<div key=${entry.number} class="bubble mine"><p>${entry.message ?? "A reply"}</p></div>`)}
    </div></div>`;
}

const TERMS = new Set(["type", "to", "order", "ttl", "label", "senderInfoTrackingId", "templateId", "templateType", "pin", "language", "failoverAfterDelivered", "failover_after_delivered"]);

/** A one-time password, and what else fills in the template. Its words are Viber's, so they are not shown. @param {{asked: any}} props */
const Password = ({ asked }) => html`<small>One-time password</small><b class="pin">${asked.pin}</b>
  ${Object.entries(asked).filter(([name]) => !TERMS.has(name)).map(([name, value]) => html`<small key=${name}>${name}: ${typeof value === "string" ? value : JSON.stringify(value)}</small>`)}`;

/** @param {{view: View, lane: Lane}} props */
function Sms({ view, lane }) {
  const gone = absence(lane, final(view), span);
  const { size } = lane.progress;
  const facts = [size && sized(size), lane.message?.operator].filter(Boolean);
  return html`<div class="app sms-app">
    <header><span class="avatar" aria-hidden="true">${first(lane.asked.from)}</span><b>${lane.asked.from ?? "Sender"}</b></header>
    <div class="chat">
      <div class=${`bubble ${gone ? "ghost" : ""}`}><p>${lane.asked.message?.body ?? ""}</p></div>
      <small class="parts">${facts.join(" · ")}</small>
      ${gone && html`<${Notice} of=${gone}/>`}
    </div></div>`;
}

/** @param {{view: View, lane: Lane, now: number}} props */
function Voice({ view, lane, now }) {
  const { status, can } = lane.progress;
  const talking = lane.heard.some((heard) => heard.status === "InProgress");
  const on = lane.begun !== null && can.length > 0;
  const verbs = lane.asked.dialPlans?.verbs ?? [];
  const press = (says) => {
    const deed = DEEDS.Voice.find((each) => each.says === says);
    if (deed) push(lane.step, offer(deed, lane.progress).events);
  };
  const round = (look, label, deed) =>
    html`<button class=${`round ${look}`} aria-label=${label} onClick=${() => press(deed)}>${icon("Voice")}</button>`;
  const waits = final(view) ? "Never needed: nobody was called." : "Waits its turn.";
  return html`<div class=${`app call-app ${status === "Ringing" ? "ringing" : ""}`}>
    <div class="caller"><span class="avatar" aria-hidden="true">${icon("Voice")}</span><b>${phone(lane.asked.from)}</b>
      <span class=${`line ${on ? "" : tone(status)}`}>${lane.begun === null ? waits : call(lane, now, span)}</span></div>
    <div class=${`captions ${talking ? "on" : ""}`} role="group" aria-label="What the call says">${verbs.map((verb, i) =>
      html`<p key=${i}>${verb.message?.text ? `“${verb.message.text}”` : `♪ ${fileName(verb.fileURL ?? verb.fileUrl ?? "")}`}</p>`)}</div>
    <div class="call-buttons">${!on ? html`<small>${lane.begun === null ? "" : talking ? "What was said is above." : "Nothing was heard."}</small>`
      : status === "InProgress" ? round("end", "Hang up: heard to the end", "Heard to the end")
      : html`${round("end", "Decline", "Declines")}${round("take", "Answer", "Answers")}`}</div>
  </div>`;
}

const Notice = ({ of }) => html`<p class=${`notice ${of.bad ? "bad" : ""}`}>${of.says}</p>`;

/** A picture or film is never loaded: its name stands for it. @param {{kind: string, url: string}} props */
const File = ({ kind, url }) => html`<div class="file" title=${url}>${icon(kind)}<span>${fileName(url)}</span></div>`;

/** @param {string} url */
const fileName = (url) => url.split(/[?#]/)[0].split("/").filter(Boolean).at(-1) ?? url;

/** @param {string | undefined} text */
const first = (text) => [...(text ?? "?")][0]?.toUpperCase() ?? "?";
