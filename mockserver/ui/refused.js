// Requests that were refused: what was wrong with each, and where.
import { html, useEffect } from "./html.js";
import { readRefused } from "./lists.js";
import { useStore } from "./store.js";
import { time } from "./words.js";

const MOST_SHOWN = 6_000; // characters of a body

export function Refused() {
  const { refused, world } = useStore();
  useEffect(readRefused, []);
  const { requests, total } = refused;
  return html`<div class="refused" tabindex="0" role="group" aria-label="Refused requests, newest first">
    ${requests.map((request) => html`<${Refusal} key=${request.number} request=${request}/>`)}
    ${total > requests.length && requests.length > 0 && html`<p class="empty">${total - requests.length} more, older: GET /_mock/requests?only=refused lists them.</p>`}
    ${!requests.length && html`<p class="empty">${world.counts?.refused ? "Reading …" : "Nothing was refused."}</p>`}
  </div>`;
}

/** @param {{request: RefusedRequest}} props */
function Refusal({ request }) {
  const wrong = Object.entries(request.wrong);
  return html`<article class="refusal">
    <header><b>${request.status}</b><span>${request.method} ${request.path}</span><time>${time(Date.parse(request.at))}</time></header>
    <p>${request.error}</p>
    ${wrong.length > 0 && html`<dl>${wrong.map(([field, why]) => html`<div key=${field}><dt>${field}</dt><dd>${why}</dd></div>`)}</dl>`}
    ${request.body && html`<details><summary>What was sent${request.applicationId ? ` by ${request.applicationId}` : ""}</summary><${Body} body=${request.body} places=${request.places ?? []}/></details>`}
  </article>`;
}

/** A body with the wrong places marked; as it came, if it is no JSON. @param {{body: string, places: NonNullable<RefusedRequest["places"]>}} props */
function Body({ body, places }) {
  let value;
  try {
    value = JSON.parse(body);
  } catch {
    return html`<pre tabindex="0">${body.slice(0, MOST_SHOWN)}</pre>`;
  }
  const wrong = new Map(places.map(({ pointer, says }) => [pointer, says]));
  const pieces = [...written(value, "", "", wrong)];
  const shown = [];
  let left = MOST_SHOWN;
  for (const { text, says } of pieces) {
    if (left <= 0) break;
    const part = text.slice(0, left);
    left -= part.length;
    shown.push(says ? html`<mark title=${says}>${part}</mark>` : part);
  }
  return html`<pre tabindex="0">${shown}</pre>`;
}

/**
 * JSON as pieces of text; those at a wrong place say what is wrong there.
 * @param {any} value @param {string} pointer @param {string} indent @param {Map<string, string>} wrong
 * @returns {Generator<{text: string, says?: string}>}
 */
function* written(value, pointer, indent, wrong) {
  const says = wrong.get(pointer);
  if (value === null || typeof value !== "object" || Object.keys(value).length === 0) {
    yield { text: JSON.stringify(value), says };
    yield* missing(pointer, indent, value, wrong);
    return;
  }
  const list = Array.isArray(value);
  yield { text: list ? "[" : "{", says };
  const entries = Object.entries(value);
  for (const [i, [key, each]] of entries.entries()) {
    yield { text: `\n${indent}  ` };
    if (!list) yield { text: `${JSON.stringify(key)}: ` };
    yield* written(each, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, `${indent}  `, wrong);
    if (i < entries.length - 1) yield { text: "," };
  }
  yield* missing(pointer, indent, value, wrong);
  yield { text: `\n${indent}${list ? "]" : "}"}` };
}

/** Fields that should be there and are not. @param {string} pointer @param {string} indent @param {any} value @param {Map<string, string>} wrong */
function* missing(pointer, indent, value, wrong) {
  for (const [place, says] of wrong) {
    const [parent, name] = [place.slice(0, place.lastIndexOf("/")), place.slice(place.lastIndexOf("/") + 1)];
    if (parent === pointer && value !== null && typeof value === "object" && !(name in value)) {
      yield { text: `\n${indent}  ` };
      yield { text: `${name}: missing`, says };
    }
  }
}
