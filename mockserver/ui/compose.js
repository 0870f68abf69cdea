// Send a flow, and see it as code meanwhile. What is wrong stands beside its field.
import { attempt, request, sendFlow } from "./actions.js";
import { ask, within } from "./api.js";
import { Code, FORMATS, LANGUAGES } from "./code.js";
import { Dialog } from "./dialog.js";
import { AS_NUMBER, BY_HAND, STEPS, blankStep, bodyOf, channelOf, fresh, get, numberOf, ordered, put, remember, remembered, scenarioOf } from "./draft.js";
import { FIELDS, LABELS, dotted, readAs, shownAs, wrongAt } from "./fields.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { icon } from "./icons.js";
import { change, state } from "./store.js";
import { sized } from "./words.js";

const KINDS = [["failover", "A message"], ["otp", "A one-time password"]];

const STRATEGIES = [["OnStep", "OnStep: at every change"], ["OnCompletion", "OnCompletion: once, at the end"]];

export function Compose() {
  const [draft, setDraft] = useState(() => state.draft ?? remembered());
  const [format, setFormat] = useState("pytest");
  const [checked, setChecked] = useState(/** @type {Checked | null} */ (null));
  const [failure, setFailure] = useState(/** @type {string | null} */ (null));
  const outcomes = useOutcomes();
  const busy = useRef(false);
  const sink = new URL(within(state.route.sandbox, "sink/page"), location.href).href;
  const name = useRef(`page ${Date.now().toString(36)}`).current;
  const { kind, rest, steps } = draft;
  const body = bodyOf(draft, sink);
  const scenario = scenarioOf(draft, name);
  const written = JSON.stringify([kind, body, scenario]);
  useEffect(() => {
    const timer = setTimeout(() => {
      request("POST", "check", { send: body, kind, ...(scenario ? { scenario } : {}) }).then((answer) => {
        setChecked(answer);
        setFailure(null);
      }, (error) => setFailure(error.message));
    }, 200);
    return () => clearTimeout(timer);
  }, [written]);
  const editStep = (id, changed) => setDraft({ ...draft, steps: steps.map((step) => (step.id === id ? { ...step, ...changed } : step)) });
  const editAll = (of, value) => setDraft({ ...draft, steps: steps.map((step) => (of(step) ? { ...step, asked: put(step.asked, of(step), value) } : step)) });
  const editHook = (changed) => rest.callback && setDraft({ ...draft, rest: { ...rest, callback: { ...rest.callback, ...changed } } });
  const clear = () => change({ pane: null, draft: null });
  const close = () => state.pane && change({ pane: null, draft }); // not once it is sent
  const send = (event) => {
    event.preventDefault();
    if (busy.current || !state.pane) return; // pressed twice
    busy.current = true;
    remember(draft);
    sendFlow(kind, body, scenario).then(clear, (error) => {
      setFailure(error.message);
      event.target.querySelector("[aria-invalid]")?.focus();
    }).finally(() => {
      busy.current = false;
    });
  };
  const wrong = dotted(checked?.wrong ?? {});
  const labelOf = ({ asked }) => LABELS[kind][asked.type];
  const first = steps.find(labelOf);
  const places = [...steps.flatMap((step, i) => ["to", labelOf(step) ?? "to", ...fieldsOf(kind, step.asked).flatMap(placesOf)].map((place) => `flow.${i}.${place}`)), "callback.url"];
  const left = [...wrong].filter(([place]) => !places.includes(place));
  const wrongIn = (of) => wrongAt(wrong, steps.map((step, i) => `flow.${i}.${of(step)}`));
  return html`<${Dialog} name="Send a flow" close=${close} look="compose"><form onSubmit=${send}>
    <div class="fields">
      <div class="formats" role="group" aria-label="What is sent">${KINDS.map(([each, says]) => html`<button type="button" key=${each} aria-pressed=${each === kind} onClick=${() => each !== kind && setDraft(fresh(each, numberOf(steps[0].asked.to)))}>${says}</button>`)}</div>
      <${Field} key=${kind} name="To" wrong=${wrongIn(() => "to")} value=${numberOf(steps[0].asked.to)} edit=${(to) => editAll(() => "to", to)} first/>
      ${steps.map((step, i) => html`<${Step} key=${step.id} kind=${kind} step=${step} at=${i} wrong=${wrong} outcomes=${outcomes[channelOf(step.asked.type)] ?? []} facts=${checked?.steps[i]} edit=${(changed) => editStep(step.id, changed)}
        drop=${steps.length > 1 ? () => setDraft(ordered(draft, steps.filter((each) => each !== step))) : null}/>`)}
      <p class="adds">Add a step: ${Object.keys(STEPS[kind]).map((type) => html`<button type="button" key=${type} class=${channelOf(type)} onClick=${() => setDraft(ordered(draft, [...steps, blankStep(kind, type, steps[0].asked.to)]))}>${icon(channelOf(type))}${channelOf(type)}</button>`)}</p>
      <details class="further"><summary>Callbacks and label</summary>
        ${rest.callback ? html`<${Field} name="Callback URL" wrong=${wrong.get("callback.url")} value=${rest.callback.url} hint=${sink} edit=${(url) => editHook({ url })}/>` : html`<p>This flow asks for no callbacks.</p>`}
        ${rest.callback?.strategy && html`<label>When<select value=${rest.callback.strategy} onChange=${(event) => editHook({ strategy: event.target.value })}>${STRATEGIES.map(([each, says]) => html`<option key=${each} value=${each}>${says}</option>`)}</select></label>`}
        ${first && html`<${Field} name="Label" wrong=${wrongIn(labelOf)} value=${get(first.asked, labelOf(first)) ?? ""} edit=${(label) => editAll(labelOf, label || undefined)}/>`}
      </details>
    </div>
    <div class="as-code"><${Code} formats=${FORMATS} format=${format} choose=${setFormat} text=${LANGUAGES[format](body, scenario, kind, checked?.steps)}/></div>
    <footer>${(failure || left.length > 0) && html`<p class="wrong" role="alert">${failure} ${left.map(([place, why]) => `${place} ${why}`).join("; ")}</p>`}
      <button type="button" onClick=${clear}>Discard</button><button class="send">Send</button></footer>
  </form><//>`;
}

/** The fields of a step; none for what a call says if it begins with a recording. @param {string} kind @param {any} asked */
const fieldsOf = (kind, asked) => FIELDS[kind][asked.type].filter(({ place }) => !place.startsWith("dialPlans") || asked.dialPlans.verbs[0].type === "SAY");

/** @param {import("./fields.js").Asked} field */
const placesOf = ({ place, also = [] }) => [place, ...also];

/** @param {{kind: string, step: DraftStep, at: number, wrong: Map<string, string>, outcomes: string[], facts?: Checked["steps"][0], edit: (changed: Partial<DraftStep>) => void, drop: (() => void) | null}} props */
function Step({ kind, step, at, wrong, outcomes, facts, edit, drop }) {
  const { asked, outcome } = step;
  const channel = channelOf(asked.type);
  const fields = fieldsOf(kind, asked);
  const field = (one) => html`<${Field} key=${one.place} name=${one.name} as=${one.as} hint=${one.hint} value=${shownAs(get(asked, one.place))}
    wrong=${wrongAt(wrong, placesOf(one).map((place) => `flow.${at}.${place}`))} edit=${(typed) => edit({ asked: put(asked, one.place, readAs(one.as, typed)) })}/>`;
  const [shown, short, further] = [(one) => !one.more && one.place !== "ttl", (one) => one.place === "ttl", (one) => one.more].map((of) => fields.filter(of));
  return html`<fieldset class=${`draft-step ${channel}`}><legend>${icon(channel)}${at + 1} ${channel}</legend>
    ${drop && html`<button type="button" class="drop" aria-label=${`Leave out step ${at + 1}`} onClick=${drop}>${icon("close")}</button>`}
    ${shown.map(field)}
    ${facts?.size && html`<p class="size">${sized(facts.size)}</p>`}
    <div class="pair"><label>What will happen<select value=${outcome} onChange=${(event) => edit({ outcome: event.target.value })}>
        <option value=${BY_HAND}>I press it on the phone</option><option value=${AS_NUMBER}>As the number says</option>${outcomes.filter((each) => each !== BY_HAND).map((each) => html`<option key=${each} value=${each}>${each}</option>`)}</select></label>
      ${short.map(field)}</div>
    <details class="further"><summary>More</summary>${further.map(field)}</details></fieldset>`;
}

/** A field; what is typed in it stays as it was typed. @param {{name: string, value: string, as?: string, wrong?: string, hint?: string, first?: boolean, edit: (value: any) => void}} props */
function Field({ name, value, as, wrong, hint, first = false, edit }) {
  const typed = useRef(value).current;
  if (as === "flag") return html`<label class="flag"><input type="checkbox" checked=${value === "true"} onChange=${(event) => edit(event.target.checked || undefined)}/>${name}</label>`;
  const properties = { defaultValue: typed, dir: "auto", placeholder: hint, "aria-invalid": wrong ? "true" : undefined, onInput: (event) => edit(event.target.value) };
  return html`<label class=${wrong ? "has-wrong" : ""}>${name}${as === "long" ? html`<textarea rows="2" ...${properties}></textarea>` : html`<input type="text" inputmode=${as === "number" ? "numeric" : undefined} data-first=${first || undefined} ...${properties}/>`}
    ${wrong && html`<small class="wrong">${wrong}</small>`}</label>`;
}

/** The outcomes there are for each channel, as the mock knows them. @returns {Partial<Record<Channel, string[]>>} */
function useOutcomes() {
  const [outcomes, setOutcomes] = useState({});
  useEffect(() => {
    attempt(async () => {
      const { $defs } = await ask("../scenario.schema.json");
      setOutcomes(Object.fromEntries(["Viber", "Sms", "Voice"].map((type) => [type, $defs[`${type}Outcome`].properties.outcome.enum])));
    });
  }, []);
  return outcomes;
}
