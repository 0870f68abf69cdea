// Send a flow, and see it as code meanwhile. What is wrong with it stands beside its field while it is typed.
import { attempt, request, sendFlow } from "./actions.js";
import { ask, within } from "./api.js";
import { Code, LANGUAGES } from "./code.js";
import { Dialog } from "./dialog.js";
import { AS_NUMBER, BY_HAND, CHANNELS, blankStep, bodyOf, remember, remembered, scenarioOf } from "./draft.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { icon } from "./icons.js";
import { change, state } from "./store.js";

const FORMATS = [["curl", "curl"], ["python", "Python"], ["pytest", "pytest"], ["scenario", "scenario"]];

const TRIGGERS = { Viber: "Expired, Failed, Undelivered", Sms: "Undelivered, Failed", Voice: "Busy, NoAnswer" };

export function Compose() {
  const [draft, setDraft] = useState(() => state.draft ?? remembered());
  const [format, setFormat] = useState("pytest");
  const [checked, setChecked] = useState(/** @type {Checked | null} */ (null));
  const [failure, setFailure] = useState(/** @type {string | null} */ (null));
  const outcomes = useOutcomes();
  const sink = new URL(within(state.route.sandbox, "sink/page"), location.href).href;
  const name = useRef(`page ${Date.now().toString(36)}`).current;
  const body = bodyOf(draft, sink);
  const scenario = scenarioOf(draft, name);
  const written = JSON.stringify([body, scenario]);
  useEffect(() => {
    const timer = setTimeout(() => {
      request("POST", "check", { send: body, ...(scenario ? { scenario } : {}) }).then((answer) => {
        setChecked(answer);
        setFailure(null);
      }, (error) => setFailure(error.message));
    }, 200);
    return () => clearTimeout(timer);
  }, [written]);
  const edit = (changed) => setDraft({ ...draft, ...changed });
  const editStep = (at, changed) => edit({ steps: draft.steps.map((step, i) => (i === at ? { ...step, ...changed } : step)) });
  const close = () => change({ pane: null, draft: null });
  const send = async (event) => {
    event.preventDefault();
    remember(draft);
    try {
      await sendFlow(body, scenario);
      close();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };
  const wrong = checked?.wrong ?? {};
  const left = Object.entries(wrong).filter(([field]) => !shownAt(field));
  return html`<${Dialog} name="Send a flow" close=${close} look="compose"><form onSubmit=${send}>
    <div class="fields">
      <${Field} name="To" wrong=${wrong["flow[0].to"]} value=${draft.to} edit=${(to) => edit({ to })} first/>
      ${draft.steps.map((step, i) => html`<${Step} key=${i} step=${step} at=${i} wrong=${wrong} outcomes=${outcomes[step.type] ?? []} facts=${checked?.steps[i]} edit=${(changed) => editStep(i, changed)}
        drop=${draft.steps.length > 1 ? () => edit({ steps: draft.steps.filter((_, other) => other !== i) }) : null}/>`)}
      <p class="adds">Add a step: ${CHANNELS.map((type) => html`<button type="button" key=${type} class=${type} onClick=${() => edit({ steps: [...draft.steps, blankStep(type)] })}>${icon(type)}${type}</button>`)}</p>
      <details class="further"><summary>Callbacks and label</summary>
        <${Field} name="Callback URL" wrong=${wrong["callback.url"]} value=${draft.url} hint=${sink} edit=${(url) => edit({ url })}/>
        <label>When<select value=${draft.strategy} onChange=${(event) => edit({ strategy: event.target.value })}><option value="OnStep">OnStep: at every change</option><option value="OnCompletion">OnCompletion: once, at the end</option></select></label>
        <${Field} name="Label" wrong=${wrong["flow[0].label"]} value=${draft.label} edit=${(label) => edit({ label })}/>
      </details>
    </div>
    <div class="as-code"><${Code} formats=${FORMATS} format=${format} choose=${setFormat} text=${LANGUAGES[format](body, scenario)}/></div>
    <footer>${(failure || left.length > 0) && html`<p class="wrong" role="alert">${failure} ${left.map(([field, why]) => `${field} ${why}`).join("; ")}</p>`}
      <button type="button" onClick=${close}>Cancel</button><button class="send">Send</button></footer>
  </form><//>`;
}

const SHOWN = /^(flow\[\d+\]\.to|flow\[0\]\.label|callback\.url|flow\[\d+\]\.(message(\.(text|body|action.*|imageUrl))?|ttl|from|senderInfoTrackingId|failoverOnStatuses.*|dialPlans.*))$/;

/** @param {string} field */
const shownAt = (field) => SHOWN.test(field);

/** @param {{step: DraftStep, at: number, wrong: Record<string, string>, outcomes: string[], facts?: Checked["steps"][0], edit: (changed: Partial<DraftStep>) => void, drop: (() => void) | null}} props */
function Step({ step, at, wrong, outcomes, facts, edit, drop }) {
  const of = (name) => Object.entries(wrong).filter(([field]) => field.startsWith(`flow[${at}].`) && name.test(field.slice(`flow[${at}].`.length))).map(([, why]) => why).join("; ");
  const size = facts?.size && `${facts.size.parts} ${facts.size.parts === 1 ? "part" : "parts"}, ${facts.size.characters} characters, ${facts.size.encoding}`;
  return html`<fieldset class=${`draft-step ${step.type}`}><legend>${icon(step.type)}${at + 1} ${step.type}</legend>
    ${drop && html`<button type="button" class="drop" aria-label=${`Leave out step ${at + 1}`} onClick=${drop}>${icon("close")}</button>`}
    <${Field} name=${step.type === "Voice" ? "What it says" : "Text"} wrong=${of(/^(message(\.(text|body))?|dialPlans.*)$/)} value=${step.text} long edit=${(text) => edit({ text })}/>
    ${size && html`<p class="size">${size}</p>`}
    <div class="pair"><label>What will happen<select value=${step.outcome} onChange=${(event) => edit({ outcome: event.target.value })}>
        <option value=${BY_HAND}>I press it on the phone</option><option value=${AS_NUMBER}>As the number says</option>${outcomes.filter((each) => each !== BY_HAND).map((each) => html`<option key=${each} value=${each}>${each}</option>`)}</select></label>
      ${step.type !== "Voice" && html`<${Field} name="ttl, minutes" wrong=${of(/^ttl$/)} value=${step.ttl} number edit=${(ttl) => edit({ ttl })}/>`}</div>
    <details class="further"><summary>More</summary>
      <${Field} name=${step.type === "Viber" ? "Sender id" : "From"} wrong=${of(/^(from|senderInfoTrackingId)$/)} value=${step.sender} edit=${(sender) => edit({ sender })}/>
      ${step.type === "Viber" && html`<${Field} name="Button" wrong=${of(/^message\.action(\.caption)?$/)} value=${step.button} edit=${(button) => edit({ button })}/>
        <${Field} name="Where the button leads" wrong=${of(/^message\.action\.targetUrl$/)} value=${step.target} edit=${(target) => edit({ target })}/>
        <${Field} name="Picture, a URL" wrong=${of(/^message\.imageUrl$/)} value=${step.picture} edit=${(picture) => edit({ picture })}/>`}
      <${Field} name="Fails over on" hint=${TRIGGERS[step.type]} wrong=${of(/^failoverOnStatuses/)} value=${step.on} edit=${(on) => edit({ on })}/>
    </details></fieldset>`;
}

/** @param {{name: string, value: string, wrong?: string, hint?: string, long?: boolean, number?: boolean, first?: boolean, edit: (value: string) => void}} props */
function Field({ name, value, wrong, hint, long = false, number = false, first = false, edit }) {
  const properties = { value, placeholder: hint, "aria-invalid": wrong ? "true" : undefined, onInput: (event) => edit(event.target.value) };
  return html`<label class=${wrong ? "has-wrong" : ""}>${name}${long ? html`<textarea rows="2" ...${properties}></textarea>` : html`<input type="text" inputmode=${number ? "numeric" : undefined} autofocus=${first} ...${properties}/>`}
    ${wrong && html`<small class="wrong">${wrong}</small>`}</label>`;
}

/** The outcomes there are for each channel, as the mock knows them. @returns {Partial<Record<Channel, string[]>>} */
function useOutcomes() {
  const [outcomes, setOutcomes] = useState({});
  useEffect(() => {
    attempt(async () => {
      const { $defs } = await ask("../scenario.schema.json");
      setOutcomes(Object.fromEntries(CHANNELS.map((type) => [type, $defs[`${type}Outcome`].properties.outcome.enum])));
    });
  }, []);
  return outcomes;
}
