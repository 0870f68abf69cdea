// The control API: requests, and the journal as a stream. Every URL is relative to the page.

const TOKEN = "routee-mock-token";

/** What the mock answers when it refuses. */
export class Refused extends Error {
  /** @param {number} status @param {string} says @param {Record<string, string>} wrong */
  constructor(status, says, wrong = {}) {
    super(says);
    this.status = status;
    this.wrong = wrong;
  }
}

/** Keep the control token for as long as this tab is open. @param {string} token */
export const keepToken = (token) => sessionStorage.setItem(TOKEN, token);

export const hasToken = () => sessionStorage.getItem(TOKEN) !== null;

/** @returns {Record<string, string>} */
function credentials() {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { "X-Mock-Token": token } : {};
}

/** The path of an endpoint of one sandbox. @param {string} sandbox @param {string} path */
export const within = (sandbox, path) => `../sandboxes/${encodeURIComponent(sandbox)}/${path}`;

/** The address of the mock itself, as an application is given it. */
export const address = () => new URL("../..", location.href).href.replace(/\/$/, "");

/**
 * Ask, and return the answer; null for one without a body.
 * @param {string} path @param {{method?: string, body?: unknown, signal?: AbortSignal}} [options] @returns {Promise<any>}
 */
export async function ask(path, { method = "GET", body, signal } = {}) {
  const answer = await send(path, { method, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  return answer.status === 204 ? null : answer.json();
}

/** Ask for text. @param {string} path @param {AbortSignal} [signal] */
export const askText = async (path, signal) => (await send(path, { signal })).text();

/**
 * Ask again for what was read before. Returns null if it has not changed since.
 * @param {string} path @param {string | null} mark @param {AbortSignal} signal
 * @returns {Promise<{value: any, mark: string | null} | null>}
 */
export async function askAgain(path, mark, signal) {
  const answer = await send(path, { signal, headers: mark ? { "If-None-Match": mark } : {} });
  return answer.status === 304 ? null : { value: await answer.json(), mark: answer.headers.get("ETag") };
}

/** @param {string} path @param {RequestInit} options */
async function send(path, options) {
  const headers = { ...credentials(), ...options.headers, ...(options.body ? { "Content-Type": "application/json" } : {}) };
  const answer = await fetch(path, { ...options, headers, cache: "no-store" }).catch((error) => {
    throw error instanceof TypeError ? new TypeError("The mock does not answer.") : error;
  });
  if (!answer.ok && answer.status !== 304) throw await refusal(answer);
  return answer;
}

/** @param {Response} answer */
async function refusal(answer) {
  const body = await answer.json().catch(() => ({}));
  return new Refused(answer.status, body.developerMessage ?? `The mock answered ${answer.status}.`, body.properties);
}

/**
 * The events of a stream, a list for each piece that arrives. Ends when the stream does.
 * @param {string} path @param {AbortSignal} signal @returns {AsyncGenerator<Signal[]>}
 */
export async function* listen(path, signal) {
  const answer = await send(path, { signal, headers: { Accept: "text/event-stream" } });
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const texts = (rest + value).split("\n\n");
    rest = texts.pop() ?? "";
    const events = texts.map(parsed).filter((each) => each !== null);
    if (events.length) yield events;
  }
}

/** @param {string} text @returns {Signal | null} */
function parsed(text) {
  const lines = text.split("\n");
  const field = (name) => lines.find((line) => line.startsWith(name))?.slice(name.length);
  const data = field("data: ");
  return data === undefined ? null : { event: field("event: ") ?? "message", data: JSON.parse(data) };
}
