import { Injectable } from '@nestjs/common';
import { type KnownSession, Principals } from '../auth/sessions/principals.js';
import { SessionVersions } from '../auth/sessions/session-versions.js';
import { Clock } from '../database/clock.js';
import { BroadcasterService } from './delivery/broadcaster.service.js';
import type { ChatServer, ChatSocket } from './sockets/chat-socket.js';
import { SubscriptionsService } from './subscriptions.service.js';

/**
 * Finds out what other processes, the command line or time itself have done to those who are connected (`A2`), and
 * reads no row when nothing can have changed.
 */
@Injectable()
export class RevalidationService {
  private seen: { readonly others?: string | undefined; readonly sessions?: string | undefined } = {};
  /** When the first session of those connected is over by itself. */
  private nextEnd = 0;

  constructor(
    private readonly versions: SessionVersions,
    private readonly principals: Principals,
    private readonly subscriptions: SubscriptionsService,
    private readonly broadcaster: BroadcasterService,
    private readonly clock: Clock,
  ) {}

  /** Tells what was committed elsewhere, and revalidates the sockets that may be concerned. */
  async revalidateAll(server: ChatServer): Promise<void> {
    // Before anything is read: what is written meanwhile counts for the next time.
    const { others, sessions } = await this.versions.read();
    // A stream that was joined after the last look may have moved before it.
    const mayHaveMoved = others === undefined || others !== this.seen.others || this.broadcaster.hasJoined;
    if (mayHaveMoved) await this.broadcaster.catchUp();
    this.seen = { ...this.seen, others };
    const pending = this.subscriptions.takePending();
    try {
      const mayHaveChanged =
        sessions === undefined || sessions !== this.seen.sessions || this.clock.now() >= this.nextEnd;
      const sockets = [...(mayHaveChanged ? (server.of('/').sockets.values() as Iterable<ChatSocket>) : pending)];
      // On PostgreSQL all are read every time: no need to know when.
      if (sessions !== undefined) await this.noteEnd(sockets, mayHaveChanged);
      await this.revalidate(sockets);
      this.seen = { ...this.seen, sessions };
    } catch (error) {
      for (const socket of pending) this.subscriptions.toRevalidate(socket);
      throw error;
    }
  }

  /** Closes those of the sockets whose session is over, and takes the others out of what they may not have. */
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

/** Each session once for each role that its sockets were let in with. */
function sessionsOf(sockets: readonly ChatSocket[]): KnownSession[] {
  const known = new Map<string, KnownSession>();
  for (const { data } of sockets) {
    if (data.session === undefined) continue;
    const { sessionId } = data.session;
    known.set(`${sessionId}${data.role ?? ''}`, { sessionId, role: data.role });
  }
  return [...known.values()];
}
