import { SvelteSet } from 'svelte/reactivity';
import type { Announcement, Role, TeamEvent, TeamState, UserEvent, UserState } from '#protocol';
import { connection, streams } from '#lib/client.ts';
import type { StreamHandle } from '#lib/sync/streams.svelte.ts';
import { timeOfDay } from '#lib/time-of-day.ts';
import { orToast } from './failure-toast.ts';
import { firstEnd, standingAnnouncements } from './standing-announcements.ts';

/** The longest time between two looks at the clock: while a device sleeps, its timers stop. */
const LOOK_MS = 30_000;

/** The announcements for the user, live. They end by the clock of the server, whatever that of this device says. */
export class Announcements {
  /** Ids of announcements that are being closed. */
  readonly closing = new SvelteSet<string>();

  readonly #user: StreamHandle<UserState, UserEvent>;
  #team = $state.raw<StreamHandle<TeamState, TeamEvent>>();
  /** How far the server's clock is ahead of the clock of this device, in milliseconds. */
  #aheadMs = $state(0);
  #now = $state(timeOfDay());

  readonly items: readonly Announcement[] = $derived.by(() =>
    standingAnnouncements(
      this.#team?.reader.view?.announcements ?? [],
      this.#user.reader.view?.dismissed,
      this.#now + this.#aheadMs,
    ),
  );

  constructor(userId: string) {
    this.#user = streams.user(userId);
  }

  close(): void {
    this.#user.close();
  }

  /** Follows the announcements for a role; returns a function that stops it. */
  follow(role: Role): () => void {
    const handle = streams.team(role, {
      event: () => (this.#now = timeOfDay()),
      snapshot: () => {
        const { view } = handle.reader;
        this.#now = timeOfDay();
        if (view) this.#aheadMs = view.at - this.#now;
      },
    });
    this.#team = handle;
    return () => {
      handle.close();
      if (this.#team === handle) this.#team = undefined;
    };
  }

  /** Waits until the next announcement ends; returns a function that stops it. */
  watch(): () => void {
    const leftMs = firstEnd(this.items) - timeOfDay() - this.#aheadMs;
    if (leftMs === Number.POSITIVE_INFINITY) return () => undefined;
    const timer = setTimeout(() => (this.#now = timeOfDay()), Math.min(leftMs, LOOK_MS));
    return () => clearTimeout(timer);
  }

  /** Closes an announcement for the user, in all tabs. */
  async dismiss(announcementId: string): Promise<void> {
    this.closing.add(announcementId);
    await orToast(connection.send('announcement:dismiss', { announcementId }));
    this.closing.delete(announcementId);
  }
}
