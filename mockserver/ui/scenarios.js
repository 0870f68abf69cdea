// The drawer of scenarios: what plays here, the library, and what is wrong in files.
import { attempt, request } from "./actions.js";
import { ask } from "./api.js";
import { Dialog } from "./dialog.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { change, useStore } from "./store.js";
import { count } from "./words.js";

/** @typedef {{scenarios: PlayedScenario[], problems: any[]}} Playing */

export function Scenarios() {
  const { route } = useStore();
  const [playing, setPlaying] = useState(/** @type {Playing} */ ({ scenarios: [], problems: [] }));
  const [library, setLibrary] = useState(/** @type {PlayedScenario[]} */ ([]));
  const read = () => attempt(() => request("GET", "scenarios")).then((answer) => answer && setPlaying(answer));
  useEffect(() => {
    read();
    attempt(() => ask("../library")).then((answer) => answer && setLibrary(answer.scenarios));
  }, [route.sandbox]);
  const last = useRef("");
  const act = (name, says, method, path, body) => {
    last.current = name;
    attempt(() => request(method, path, body), () => `${name} plays${says}`).then(read);
  };
  useEffect(() => {
    if (document.activeElement !== document.body) return;
    const find = (of = "") => /** @type {HTMLElement | null} */ (document.querySelector(`.scenario button${of}`));
    (find(`[aria-label$=${JSON.stringify(` ${last.current}`)}]`) ?? find())?.focus(); // the one that was pressed is gone
  }, [playing]);
  const names = new Set(playing.scenarios.map((each) => each.name));
  return html`<${Dialog} name="Scenarios" look="drawer" close=${() => change({ pane: null })}>
    <section><h3>Played in ${route.sandbox}</h3>
      ${playing.problems.length > 0 && html`<ul class="problems">${playing.problems.map((problem, i) => html`<li key=${i}>${typeof problem === "string" ? problem : Object.values(problem).filter((each) => typeof each !== "object").join(": ")}</li>`)}</ul>`}
      ${playing.scenarios.length === 0 && html`<p class="empty">Nothing plays: the number decides, or every message reaches its recipient.</p>`}
      ${playing.scenarios.map((each) => html`<${One} key=${each.name} scenario=${each} does="Stop" on=${() => act(each.name, " no longer", "DELETE", `scenarios/${encodeURIComponent(each.name)}`)}/>`)}</section>
    <section><h3>Library</h3>
      ${library.filter((each) => !names.has(each.name)).map((each) => html`<${One} key=${each.name} scenario=${each} does="Play" on=${() => act(each.name, "", "POST", "scenarios", { use: each.name, name: each.name })}/>`)}</section>
  <//>`;
}

/** @param {{scenario: PlayedScenario, does: string, on: () => void}} props */
function One({ scenario, does, on }) {
  const { name, why, uses, used } = scenario;
  const left = uses === null ? (used ? `played ${count(used, "time")}` : "") : `${Math.max(0, uses - used)} of ${uses} uses left`;
  return html`<article class="scenario"><header><b>${name}</b>${left && html`<small>${left}</small>`}<button type="button" aria-label=${`${does} ${name}`} onClick=${(event) => event.detail > 1 || on()}>${does}</button></header>
    ${why && html`<p>${why}</p>`}<details><summary>Its text</summary><pre tabindex="0">${JSON.stringify(scenario.says, null, 2)}</pre></details></article>`;
}
