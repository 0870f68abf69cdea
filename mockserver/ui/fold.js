// The journal, folded into what the page lists. Pure: the same events give the same world.

/** The world before anything is known of it. @type {World} */
export const NOTHING = { epoch: null, seen: 0, clock: null, counts: null, lines: new Map(), newest: 0, latest: null, ended: null };

/**
 * The world after some events. Folding some and then the rest is the same as folding all.
 * @param {World} world @param {readonly Signal[]} events @returns {World}
 */
export function fold(world, events) {
  const next = { ...world, lines: new Map(world.lines) };
  for (const { event, data } of events) {
    (SIGNALS[event] ?? enter)(next, data);
  }
  return next;
}

/**
 * The world with lines as the API told them. One folded further since is told again soon.
 * @param {World} world @param {readonly Line[]} lines @returns {World}
 */
export function learn(world, lines) {
  const known = new Map(world.lines);
  for (const line of lines) known.set(line.trackingId, line);
  const top = lines.reduce((best, line) => (line.flow > best.flow ? line : best), { flow: world.newest, trackingId: world.latest });
  return { ...world, lines: known, newest: top.flow, latest: top.trackingId };
}

/** @type {Record<string, (world: World, data: any) => void>} */
const SIGNALS = {
  hello: (world, { epoch, last, clock, counts }) =>
    Object.assign(world, world.epoch === epoch ? {} : { ...NOTHING, lines: new Map(), epoch, seen: last }, { clock, counts, ended: null }),
  pulse: (world, { clock, counts }) => Object.assign(world, { clock, counts }),
  reset: (world, { why }) => Object.assign(world, { ended: why }),
};

/** @type {Record<string, (line: Line, entry: any) => Partial<Line>>} */
const ENTRIES = {
  step: (line, { to }) => ({ to: line.to.includes(to) ? line.to : [...line.to, to] }),
  status: (line, { step, status }) => ({ heard: put(line.heard, step, status) }),
  flow: (_, { flowStatus, statusCode, terminationChannel }) => ({ status: flowStatus, statusCode, terminationChannel }),
  callback: (line, entry) => ({ webhook: posted(line.webhook, entry) }),
};

/** @param {World} world @param {any} entry */
function enter(world, entry) {
  world.seen = Math.max(world.seen, entry.number ?? 0);
  if (entry.kind === "send") {
    world.latest = entry.trackingId;
    world.lines.set(entry.trackingId, begun(entry, ++world.newest));
    return;
  }
  const line = world.lines.get(entry.trackingId);
  const change = ENTRIES[entry.kind];
  if (line && change) world.lines.set(entry.trackingId, { ...line, ...change(line, entry) });
}

/** A flow that was just sent; what its steps say is not known yet. @param {any} entry @param {number} flow @returns {Line} */
const begun = ({ at, trackingId, applicationId, channels }, flow) => ({
  flow, trackingId, applicationId, channels, createdAt: at,
  to: [], heard: [], senders: [], label: "", text: "", status: "Queued", statusCode: null, terminationChannel: null, ttlEnds: null,
  webhook: { posted: 0, failing: 0, waiting: 0 },
});

/** @param {readonly (string | null)[]} heard @param {number} step @param {string} status */
function put(heard, step, status) {
  const next = [...heard];
  next[step - 1] = status;
  return next;
}

/**
 * The attempts before this one were not taken: otherwise there would be no other.
 * @param {Line["webhook"]} webhook @param {{attempt: number, delivered: boolean, nextRetry: string | null}} entry
 */
function posted({ posted, failing, waiting }, { attempt, delivered, nextRetry }) {
  const before = attempt > 1 ? 1 : 0;
  return {
    posted: posted + 1 - before,
    failing: failing - before + (delivered ? 0 : 1),
    waiting: waiting - before + (nextRetry ? 1 : 0),
  };
}
