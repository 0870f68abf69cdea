// A text to copy, in several languages; and a draft in each. A sent flow as code the mock writes.
import { address, hasToken, within } from "./api.js";
import { copy } from "./actions.js";
import { channelOf } from "./draft.js";
import { html } from "./html.js";
import { icon } from "./icons.js";
import { state } from "./store.js";

/** @param {{formats: string[][], format: string, choose: (format: string) => void, text: string, says?: string}} props */
export function Code({ formats, format, choose, text, says = "" }) {
  return html`<div class="code"><div class="code-head"><div class="formats" role="group" aria-label="As">${formats.map(([key, name]) =>
    html`<button type="button" key=${key} aria-pressed=${key === format} onClick=${() => choose(key)}>${name}</button>`)}</div><span>${says}</span>
    <button type="button" class="copy" onClick=${() => copy(text, "The text")}>${icon("copy")}Copy</button></div><pre tabindex="0" aria-label="Text">${text}</pre></div>`;
}

export const FORMATS = [["curl", "curl"], ["python", "Python"], ["pytest", "pytest"], ["scenario", "scenario"]];

/** The languages of a draft. @type {Record<string, (body: any, scenario: any, kind: string, facts?: Checked["steps"]) => string>} */
export const LANGUAGES = {
  curl: (body, scenario, kind) => {
    const post = (path, value) => `curl '${new URL(within(state.route.sandbox, path), location.href)}' -H 'Content-Type: application/json'${hasToken() ? ' -H "X-Mock-Token: $ROUTEE_MOCK_CONTROL_TOKEN"' : ""} -d '${JSON.stringify(value, null, 2).replaceAll("'", "'\\''")}'\n`;
    return (scenario ? post("scenarios", scenario) : "") + post(`flows?kind=${kind}`, body);
  },
  python: (body, scenario, kind) => `from mockserver.client import Server

with Server(${python(address())}) as server:
    sandbox = server.sandbox(${python(state.route.sandbox)})
${planned(scenario, "    sandbox")}    flow = ${sent("sandbox", body, kind, python(body.callback?.url))}
    print(sandbox.timeline(flow))
`,
  pytest: (body, scenario, kind, facts) => `def test_what_i_sent(routee):
${planned(scenario, "    routee")}    flow = ${sent("routee", body, kind, "routee.receiver.url")}
${ending(body, scenario, facts)}`,
  scenario: (_, scenario) => (scenario ? yaml(scenario) : "# Nothing is planned: the number decides, or all goes well.\n"),
};

/** The call that sends a flow. @param {string} by @param {any} body @param {string} kind @param {string} url */
function sent(by, { flow, callback, ...rest }, kind, url) {
  const more = [
    callback && `callback=${url}`,
    callback?.strategy === "OnCompletion" && 'strategy="OnCompletion"',
    kind === "transactional" && "transactional=True",
  ].filter(Boolean);
  const what = Object.keys(rest).length ? { flow, ...rest } : flow;
  return `${by}.${kind === "otp" ? "send_otp" : "send"}(${[python(what, 4), ...more].join(", ")})`;
}

const HAPPY = new Set(["delivered", "seen", "completed", "machine", "hung up", ""]);
const FIRST = /** @type {Record<string, string>} */ ({ Viber: "DELIVERED", Sms: "Delivered", Voice: "Completed" });

/** How a test goes on once the flow is sent: what is done by hand, or time until the end. @param {any} body @param {any} scenario */
function ending({ flow }, scenario, facts = []) {
  const channels = flow.map(({ type }) => channelOf(type).toLowerCase());
  const outcomes = channels.map((channel, i) => scenario?.steps?.[i]?.[channel] ?? scenario?.[channel] ?? (facts[i]?.scenario ? "" : facts[i]?.outcome ?? ""));
  const waits = (at) => flow[at].expireOnDelivery || (flow[at].failoverAfterDelivered && at < flow.length - 1);
  const byHand = outcomes[0] === "by hand";
  const reached = byHand || outcomes.some((each, i) => HAPPY.has(each) && !(waits(i) && each === "delivered"));
  const first = waits(0) ? "SEEN" : FIRST[channelOf(flow[0].type)];
  const done = byHand ? `routee.push(${python(first)}, flow)` : "routee.clock.until_final(flow)";
  return `    ${done}\n    routee.expect.flow(flow, status=${python(reached ? "Succeeded" : "Failed")})\n`;
}

/** @param {any} scenario @param {string} of */
function planned(scenario, of) {
  if (!scenario) return "";
  const { when, name: _, uses: __, steps, ...channels } = scenario;
  const plans = Object.entries(steps ? { steps } : channels).map(([word, said]) => `.${word}(${[said].flat().map((each) => python(each)).join(", ")})`);
  return `${of}.when(to=${python(when.to)})${plans.join("")}\n`;
}

/** A value as Python writes it. @param {any} value @param {number} [indent] @returns {string} */
function python(value, indent = 0) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const list = Array.isArray(value);
  const items = list ? value.map((each) => python(each, indent + 4)) : Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${python(each, indent + 4)}`);
  const [open, close] = list ? "[]" : "{}";
  const short = `${open}${items.join(", ")}${close}`;
  const gap = " ".repeat(indent + 4);
  return short.length + indent < 88 && !short.includes("\n") ? short : `${open}\n${items.map((item) => `${gap}${item},\n`).join("")}${" ".repeat(indent)}${close}`;
}

const yaml = ({ when, steps, name, uses: _, ...channels }) => [
  `name: ${JSON.stringify(name)}`,
  `when: {to: ${JSON.stringify(when.to)}}`,
  ...(steps ? ["steps:", ...steps.map((step) => `  - ${pair(step) || "{}"}`)] : Object.entries(channels).map((each) => pair(Object.fromEntries([each])))),
  "",
].join("\n");

/** @param {object} step */
const pair = (step) => Object.entries(step).map(([channel, outcome]) => `${channel}: ${outcome}`).join("");
