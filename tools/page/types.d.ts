// What the control API answers, as far as the page reads it, and what the page keeps. Names are global, for JSDoc.

type Channel = "Viber" | "Sms" | "Voice";
type Status = string;

interface Clock { now: string; mode: "manual" | "realtime" | "instant"; rate: number; pending: number; next: string | null }
interface Counts { all: number; underWay: number; succeeded: number; failed: number; webhookTrouble: number; refused: number }
interface Due {
  at: string; trackingId: string; kind: "status" | "ttl" | "callback"; says: string; step?: number; channel?: Channel;
  status?: Status; reason?: string | null; callback?: number; attempt?: number;
}

interface Line {
  flow: number; trackingId: string; applicationId: string; createdAt: string; to: string[]; channels: Channel[];
  heard: (Status | null)[]; status: string; statusCode: string | null; terminationChannel: Channel | null; ttlEnds: string | null;
  label: string; text: string; senders: string[]; webhook: { posted: number; failing: number; waiting: number };
}

interface Can { status: Status; reasons: string[]; then: string }
interface Progress {
  step: number; channel: Channel; to: string; begun: string | null; ended: string | null; ttlEnds: string | null;
  status: Status | null; reason: string | null; late: boolean; outcome: string | null; why: string | null;
  size: { parts: number; characters: number; encoding: string } | null; can: Can[];
}
interface Attempt {
  callback: number; attempt: number; at: string; delivered: boolean; status: number | null; error: string | null;
  answer: string | null; tookMs: number; nextRetry: string | null; url: string;
}
interface Callback {
  callback: number; url: string; state: string; nextRetry: string | null; faults: string[]; copyOf: number | null;
  attempts: Attempt[]; changes: string[];
}
interface Learnt { confirmed: number; contradicted: number }
interface Reason { at: string; step: number; says: string; rule: string; mark: string; learnt?: Learnt }
interface Entry { number: number; at: string; kind: string; step?: number; [field: string]: unknown }
interface View extends Line {
  kind: string; callback: { strategy: string; url: string } | null; request: number | null; restrictions: unknown; document: { messages?: any[]; steps?: any[] };
  steps: any[]; progress: Progress[]; due: Due[]; journal: Entry[]; why: Reason[]; callbacks: Callback[];
}
interface RefusedRequest {
  number: number; at: string; method: string; path: string; status: number; applicationId: string | null; error: string | null;
  wrong: Record<string, string>; tookMs: number | null; body: string | null; bodyBytes: number | null;
  places: { pointer: string; field: string; says: string }[] | null;
}
interface Moved { from: string; to: string; transitions: { status?: Status }[]; callbacks: Attempt[]; clock: Clock }
interface SandboxInfo { id: string; flows: number; owner?: string; applicationId?: string | null; applicationSecret?: string | null }
interface PlayedScenario { name: string; why: string | null; uses: number | null; used: number; says: unknown; when: unknown }
interface Checked {
  ok: boolean; error: string | null; wrong: Record<string, string>;
  steps: { step: number; channel: Channel; size: Progress["size"]; price: number | null; outcome: string | null; why: string | null; scenario: string | null }[];
}

interface Signal { event: string; data: any }
interface World {
  epoch: string | null; seen: number; clock: Clock | null; counts: Counts | null; lines: Map<string, Line>;
  newest: number; latest: string | null; ended: string | null;
}
interface Route { sandbox: string; flow: string | null; step: number | null; tab: string; q: string; only: string }
interface List { key: string; ids: string[]; total: number; whole: boolean }
interface State {
  link: "connecting" | "live" | "lost" | "locked" | "gone"; route: Route; world: World; heardAt: number; list: List;
  refused: { requests: RefusedRequest[]; total: number }; due: Due[]; sandboxes: SandboxInfo[]; view: View | null;
  missing: string | null; problem: string | null; told: string; pane: string | null; trueScale: boolean; lit: number | null; draft: Draft | null;
}

/** A step on the timeline. */
interface Heard { at: number; x: number; status: Status; reason: string | null; cause: string; late: boolean; number: number }
interface Lane {
  step: number; channel: Channel; asked: any; begun: number | null; ended: number | null; ttl: number | null; ttlEnds: number | null;
  outcome: string | null; heard: Heard[]; due: Due[]; message: any; progress: Progress; live: boolean;
}
interface Mark { lane: string; at: number; room: number; named?: boolean; lead?: number; heard?: boolean }
interface Fold { length: number; x: number }
interface Scale { at: (instant: number) => number; folds: Fold[]; ticks: number[]; width: number; end: number }
interface Post extends Attempt { instant: number; of: Callback }

interface DraftStep { id: number; asked: any; outcome: string }
interface Draft { kind: string; rest: { callback?: { strategy?: string; url: string }; restrictions?: unknown }; steps: DraftStep[] }
interface Deed { says: string; path: Status[]; reason?: string; tone: "good" | "bad" | "live" }
