import { Injectable } from '@nestjs/common';
import { type KnownSession, Principals } from '../auth/sessions/principals.js';
import { SessionVersions } from '../auth/sessions/session-versions.js';
import { Clock } from '../database/clock.js';
import { BroadcasterService } from './delivery/broadcaster.service.js';
import type { ChatServer, ChatSocket } from './sockets/chat-socket.js';
import { SubscriptionsService } from './subscriptions.service.js';

/**
 * Finds changes to the sessions and roles of connected users that were made by other processes or the command line, and
 * sessions that have run out (`A2`). No rows are read when nothing can have changed.
 */
@Injectable()
export class RevalidationService {
  private seen: { readonly others?: string | undefined; readonly sessions?: string | undefined } = {};
  /** When the first session of the connected sockets runs out, in milliseconds since 1970. */
  private nextEnd = 0;

  constructor(
    private readonly versions: SessionVersions,
    private readonly principals: Principals,
    private readonly subscriptions: SubscriptionsService,
    private readonly broadcaster: BroadcasterService,
    private readonly clock: Clock,
  ) {}

  /** Publishes events of other processes that the bus has missed, and revalidates the sockets that may be affected. */
  async revalidateAll(server: ChatServer): Promise<void> {
    // Read first, so that a change during this round is noticed by the next one.
    const { others, sessions } = await this.versions.read();
    // A stream that was joined after the last round may have had events before that round.
    const mayHaveMoved = others === undefined || others !== this.seen.others || this.broadcaster.hasJoined;
    if (mayHaveMoved) await this.broadcaster.catchUp();
    this.seen = { ...this.seen, others };
    const pending = this.subscriptions.takePending();
    try {
      const mayHaveChanged =
        sessions === undefined || sessions !== this.seen.sessions || this.clock.now() >= this.nextEnd;
      const sockets = [...(mayHaveChanged ? (server.of('/').sockets.values() as Iterable<ChatSocket>) : pending)];
      // On PostgreSQL all sessions are read each time, so the time of the next end is not needed.
      if (sessions !== undefined) await this.noteEnd(sockets, mayHaveChanged);
      await this.revalidate(sockets);
      this.seen = { ...this.seen, sessions };
    } catch (error) {
      for (const socket of pending) this.subscriptions.toRevalidate(socket);
      throw error;
    }
  }

  /** Closes sockets whose session has ended, and removes the others from streams that they may no longer read. */
  async revalidate(sockets: readonly ChatSocket[]): Promise<void> {
    const admitted = sockets.filter(({ data }) => data.session !== undefined);
    const changed = await this.principals.changed(sessionsOf(admitted));
    if (changed.size === 0) return;
    for (const socket of admitted) {
      const { sessionId } = socket.data.session;
      const principal = changed.get(sessionId);
      if (principal && socket.data.role !== principal.role) await this.subscriptions.revalidate(socket, principal);
      else if (!principal && changed.has(sessionId)) socket.disconnect(true);
    }
  }

  private async noteEnd(sockets: readonly ChatSocket[], areAll: boolean): Promise<void> {
    const first = (await this.principals.firstEnd(sessionsOf(sockets))) ?? Number.POSITIVE_INFINITY;
    this.nextEnd = areAll ? first : Math.min(first, this.nextEnd);
  }
}

/** Each session once for each role that its sockets were accepted with. */
function sessionsOf(sockets: readonly ChatSocket[]): KnownSession[] {
  const known = new Map<string, KnownSession>();
  for (const { data } of sockets) {
    if (data.session === undefined) continue;
    const { sessionId } = data.session;
    known.set(`${sessionId}${data.role ?? ''}`, { sessionId, role: data.role });
  }
  return [...known.values()];
}
