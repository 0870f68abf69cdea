// The hash is the state: #/<sandbox>/flow/<trackingId>?step=2&tab=why&q=…&only=failed

export const TABS = ["why", "webhook", "journal", "test"];
export const GROUPS = ["all", "underWay", "failed", "webhookTrouble", "refused"];

/** Read a hash; what is not understood there is left out. @param {string} hash @returns {Route} */
export function read(hash) {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [sandbox = "", what, flow] = path.split("/").map(plain);
  const asked = new URLSearchParams(query);
  const step = Number(asked.get("step"));
  return {
    sandbox: sandbox || "default",
    flow: what === "flow" && flow ? flow : null,
    step: Number.isInteger(step) && step > 0 ? step : null,
    tab: one(TABS, asked.get("tab")),
    q: asked.get("q") ?? "",
    only: one(GROUPS, asked.get("only")),
  };
}

/** Write a route as a hash; what is as usual is left out. @param {Route} route */
export function write(route) {
  const asked = new URLSearchParams();
  if (route.step) asked.set("step", String(route.step));
  if (route.tab !== TABS[0]) asked.set("tab", route.tab);
  if (route.q) asked.set("q", route.q);
  if (route.only !== GROUPS[0]) asked.set("only", route.only);
  const flow = route.flow ? `/flow/${encodeURIComponent(route.flow)}` : "";
  const query = asked.size ? `?${asked}` : "";
  return `#/${encodeURIComponent(route.sandbox)}${flow}${query}`;
}

/** @param {string[]} words @param {string | null} word */
const one = (words, word) => (word && words.includes(word) ? word : words[0]);

/** @param {string} text */
function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
