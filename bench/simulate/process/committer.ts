import type { EventLoop, Work } from './event-loop.ts';

/** Values of backend/src/streams/journal/committer.ts and backend/src/chat/runs/run-writer.ts. */
export const COMMITTER = {
  longestGapMs: 8,
  gapPerDelta: 2,
  loadWindowMs: 100,
  /** The shortest time between two deltas of one reply. */
  writerGapMs: 16,
} as const;

/** A reply whose tokens wait for a commit. */
export interface Reply {
  /** Tokens that the model has not written yet. */
  left: number;
  /** When the model wrote each of those that wait. */
  pending: number[];
  notBefore: number;
}

/** Tokens of one reply in a commit. */
export interface Delta {
  readonly reply: Reply;
  readonly sentAt: readonly number[];
}

/** What a commit costs, in milliseconds. */
export interface CommitTimes {
  /** CPU time. */
  readonly commitMs: number;
  /** How long it waits for the database while the event loop is free, and longer for each token. */
  readonly waitMs: number;
  readonly tokenWaitMs: number;
}

/** Commits the tokens of all replies together, as the committer of the server schedules them. */
export class SimulatedCommitter {
  readonly #loop: EventLoop;
  readonly #times: CommitTimes;
  /** Passes on what a commit held. @returns the CPU time of it, in milliseconds */
  readonly #deliver: (deltas: readonly Delta[], at: number) => number;
  readonly #waiting = new Set<Reply>();
  #isCommitting = false;
  #notBefore = 0;
  #commitAt = Infinity;
  #load = { since: 0, count: 0, perMs: 0 };
  /** The start of each commit. */
  readonly startedAt: number[] = [];

  constructor(loop: EventLoop, times: CommitTimes, deliver: (deltas: readonly Delta[], at: number) => number) {
    this.#loop = loop;
    this.#times = times;
    this.#deliver = deliver;
  }

  submit(reply: Reply, now: number): void {
    this.#waiting.add(reply);
    if (!this.#isCommitting) this.#schedule(Math.max(this.#notBefore, reply.notBefore), now);
  }

  #schedule(at: number, now: number): void {
    if (this.#commitAt <= at) return;
    this.#commitAt = at;
    const commit: Work = (startedAt) => (this.#commitAt === at && !this.#isCommitting ? this.#commit(startedAt) : 0);
    if (at <= now) this.#loop.add(now, commit);
    else this.#loop.setTimer(now, at - now, commit);
  }

  #commit(now: number): number {
    const { commitMs, waitMs, tokenWaitMs } = this.#times;
    this.#commitAt = Infinity;
    this.#isCommitting = true;
    this.startedAt.push(now);
    const due = [...this.#waiting].filter(({ notBefore }) => notBefore <= now);
    const deltas = due.map((reply): Delta => {
      this.#waiting.delete(reply);
      reply.notBefore = now + COMMITTER.writerGapMs;
      return { reply, sentAt: reply.pending.splice(0) };
    });
    const finish: Work = (at) => this.#finish(deltas, now, at);
    if (waitMs === 0 && tokenWaitMs === 0) return commitMs + finish(now + commitMs);
    const tokens = deltas.reduce((sum, { sentAt }) => sum + sentAt.length, 0);
    this.#loop.add(now + commitMs + waitMs + tokens * tokenWaitMs, finish);
    return commitMs;
  }

  #finish(deltas: readonly Delta[], startedAt: number, now: number): number {
    const workMs = this.#deliver(deltas, now);
    // Tokens that came during the commit.
    for (const { reply } of deltas) if (reply.pending.length > 0) this.#waiting.add(reply);
    this.#notBefore = startedAt + this.#gapMs(deltas.length, startedAt);
    this.#isCommitting = false;
    if (this.#waiting.size > 0) {
      const first = Math.min(...[...this.#waiting].map(({ notBefore }) => notBefore));
      this.#schedule(Math.max(this.#notBefore, first), now + workMs);
    }
    return workMs;
  }

  /** As the class `Load` of the committer. */
  #gapMs(deltas: number, now: number): number {
    const load = this.#load;
    load.count += deltas;
    const elapsed = now - load.since;
    if (elapsed >= COMMITTER.loadWindowMs) this.#load = { since: now, count: 0, perMs: load.count / elapsed };
    const gapMs = this.#load.perMs * COMMITTER.gapPerDelta;
    return gapMs < 1 ? 0 : Math.min(gapMs, COMMITTER.longestGapMs);
  }
}
