// Where each instant stands on the plot. Pure: marks and a width in, pixels out.
//
// Time is folded: a silence is as wide as what is written beside it, and a long one becomes a fold with its length on
// it. Marks of one lane never overlap; those of different lanes may stand above each other.

export const FOLD = 20_000; // milliseconds of silence that are folded when there are more
export const HATCH = 14; // pixels of a fold
const PAD = 26;
const LEAST = 14;
const STRETCH = 2.2;
const TICK = 62; // pixels of a time on the axis
const END = 44;

/** The pixels that a silence would like to have. @param {number} length */
const wanted = (length) => 26 * Math.log2(1 + length / 400);

/**
 * The scale of some marks. Grows with time, and is at least `width` wide.
 * @param {readonly Mark[]} marks @param {number} width pixels there are
 * @param {(length: number) => number} label pixels of the length of a fold
 * @param {boolean} [still] whether the plot is stretched to just its width: not while time runs, as all would move then
 * @returns {Scale}
 */
export function scale(marks, width, label, still = true) {
  const instants = [...new Set(marks.map((mark) => mark.at))].sort((a, b) => a - b);
  const at = Map.groupBy(marks, (mark) => mark.at);
  const lay = (ease) => place(instants, at, label, ease);
  let laid = lay(1);
  if (laid.end > width) {
    let [tight, loose] = [0, 1];
    for (let i = 0; i < 8; i++) {
      const middle = (tight + loose) / 2;
      if (lay(middle).end > width) loose = middle;
      else tight = middle;
    }
    laid = lay(tight);
  }
  return stretched(instants, laid, width, still);
}

/** The same without folds: a second is as wide as any other. @param {readonly Mark[]} marks @param {number} width @returns {Scale} */
export function trueScale(marks, width) {
  const instants = marks.map((mark) => mark.at);
  const [first, last] = [Math.min(...instants), Math.max(...instants)];
  const px = (width - PAD - 2 * END) / Math.max(1, last - first);
  return { at: (t) => PAD + (Math.min(Math.max(t, first), last) - first) * px, folds: [], ticks: [first], width, end: width - 2 * END };
}

/**
 * Lay the instants out from left to right. ease: 0 for as tight as it goes, 1 for as wide as silence likes.
 * @param {number[]} instants @param {Map<number, Mark[]>} marks @param {(length: number) => number} label @param {number} ease
 */
function place(instants, marks, label, ease) {
  /** @type {Map<string, number>} */ const free = new Map();
  /** @type {number[]} */ const xs = [];
  /** @type {Fold[]} */ const folds = [];
  const ticks = instants.slice(0, 1);
  let axis = PAD + TICK;
  instants.forEach((instant, i) => {
    const here = marks.get(instant) ?? [];
    let x = PAD;
    if (i) {
      const length = instant - instants[i - 1];
      const before = xs[i - 1];
      x = Math.max(before + LEAST, ...here.map((mark) => free.get(mark.lane) ?? 0));
      const lead = Math.max(0, ...here.map((mark) => mark.lead ?? 0));
      if (length > FOLD) {
        const left = Math.max(before + LEAST, axis + 4);
        const room = label(length) + 12;
        folds.push({ length, x: left + room / 2 });
        axis = left + room;
        x = Math.max(x, axis + 4 + lead, before + 48 * ease);
        if (here.some((mark) => mark.named)) {
          ticks.push(instant);
          axis = x + TICK;
        }
      } else {
        x = Math.max(x, before + LEAST + wanted(length) * ease);
      }
      if (lead) axis = Math.max(axis, x + lead);
    }
    xs.push(x);
    for (const mark of here) free.set(mark.lane, Math.max(free.get(mark.lane) ?? 0, x + mark.room));
  });
  return { xs, folds, ticks, end: Math.max(axis, ...free.values(), (xs.at(-1) ?? PAD) + END) };
}

/** @param {number[]} instants @param {ReturnType<typeof place>} laid @param {number} width @param {boolean} still @returns {Scale} */
function stretched(instants, { xs, folds, ticks, end }, width, still) {
  const fits = Math.min(STRETCH, width / end);
  const factor = Math.max(1, still ? fits : Math.floor(fits * 2) / 2);
  const wide = xs.map((x) => PAD + (x - PAD) * factor);
  return {
    at: (t) => between(instants, wide, t),
    folds: folds.map((fold) => ({ ...fold, x: PAD + (fold.x - PAD) * factor })),
    ticks,
    width: Math.max(width, PAD + (end - PAD) * factor),
    end: wide.at(-1) ?? PAD,
  };
}

/** @param {number[]} instants @param {number[]} xs @param {number} t */
function between(instants, xs, t) {
  let [low, high] = [0, instants.length - 1];
  if (high < 0 || t <= instants[0]) return xs[0] ?? PAD;
  if (t >= instants[high]) return xs[high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (instants[middle] <= t) low = middle;
    else high = middle;
  }
  return xs[low] + ((xs[high] - xs[low]) * (t - instants[low])) / (instants[high] - instants[low]);
}
