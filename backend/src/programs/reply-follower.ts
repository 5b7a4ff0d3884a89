import { Injectable } from '@nestjs/common';
import { type ChatEvent, conversationStream, type StreamEvent } from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';

/** Follows the reply of one run, from before the run starts. */
export interface FollowedReply extends Disposable {
  /** Names the run; text that was committed before this call is passed on now. */
  begin(runId: string): void;
  /** The length of the text so far, in UTF-16 units. */
  readonly length: number;
}

/** Passes the committed text of replies on to programs, as tabs receive it (`L2`). */
@Injectable()
export class ReplyFollower {
  private readonly followers = new Map<string, Set<Follower>>();

  constructor(log: EventLog) {
    log.onCommitted(({ stream, events }) => {
      // Called for every token, so the check has to be cheap.
      if (this.followers.size === 0) return;
      for (const follower of this.followers.get(stream) ?? []) follower.take(events);
    });
  }

  /** `onText` receives the pieces of the reply in order; none twice. */
  follow(conversationId: string, onText: (text: string) => void): FollowedReply {
    const stream = conversationStream(conversationId);
    const known = this.followers.get(stream) ?? new Set();
    const follower = new Follower(onText, () => {
      known.delete(follower);
      if (known.size === 0) this.followers.delete(stream);
    });
    this.followers.set(stream, known.add(follower));
    return follower;
  }
}

class Follower implements FollowedReply {
  length = 0;
  private runId: string | undefined;
  private early: StreamEvent[] = [];

  constructor(
    private readonly onText: (text: string) => void,
    private readonly leave: () => void,
  ) {}

  begin(runId: string): void {
    this.runId = runId;
    const { early } = this;
    this.early = [];
    this.take(early);
  }

  take(events: readonly StreamEvent[]): void {
    if (this.runId === undefined) {
      this.early.push(...events);
      return;
    }
    for (const event of events as readonly ChatEvent[]) {
      if (event.type !== 'run.delta' || event.data.runId !== this.runId) continue;
      const { offset, text } = event.data;
      const fresh = text.slice(Math.max(0, this.length - offset));
      // After a gap the rest comes with the end of the run.
      if (fresh === '' || offset > this.length) continue;
      this.length += fresh.length;
      this.onText(fresh);
    }
  }

  [Symbol.dispose](): void {
    this.leave();
  }
}
