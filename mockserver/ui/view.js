// The flow that is shown, with all that there is to know of it; read again when something happened to it.
import { Refused, askAgain, within } from "./api.js";
import { change, shown, state } from "./store.js";

/** @type {{id: string, sandbox: string, mark: string | null, aborter: AbortController, busy: boolean, again: boolean} | null} */
let reading = null;

/** Read the flow that is shown, if it is another or has changed. @param {boolean} [changed] */
export function readView(changed = false) {
  const id = shown();
  const { sandbox } = state.route;
  if (reading?.id !== id || reading?.sandbox !== sandbox) {
    reading?.aborter.abort();
    reading = id === null ? null : { id, sandbox, mark: null, aborter: new AbortController(), busy: false, again: false };
    if (id === null) change({ view: null, missing: null });
    changed = true;
  }
  if (!reading || !changed) return;
  if (reading.busy) reading.again = true;
  else read(reading);
}

/** @param {NonNullable<typeof reading>} one */
async function read(one) {
  one.busy = true;
  one.again = false;
  try {
    const path = within(one.sandbox, `flows/${encodeURIComponent(one.id)}?with=why,callbacks`);
    const answer = await askAgain(path, state.view?.trackingId === one.id ? one.mark : null, one.aborter.signal);
    if (answer && one === reading) {
      one.mark = answer.mark;
      change({ view: answer.value, missing: null });
    }
  } catch (error) {
    if (one !== reading) return;
    if (error instanceof Refused && error.status === 404) change({ view: null, missing: one.id });
  } finally {
    one.busy = false;
  }
  if (one.again && one === reading) read(one);
}
