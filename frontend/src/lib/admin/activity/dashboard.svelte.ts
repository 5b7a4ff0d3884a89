import type { ActiveRun, ActiveRunList, AdminEvent, Dashboard as Counts, RunsChange } from '#protocol';
import type { Api } from '../../http/api.ts';
import { timeOfDay } from '../../time-of-day.ts';
import { Refresh } from './refresh.ts';
import { afterChange, isIncomplete } from './running-list.ts';

/** What no event can tell, since it needs the database: that it cannot be written; and that a new day has begun. */
const WITHOUT_EVENTS_MS = 60_000;

/** The counts and the replies in progress, changed by the events of the admins' stream. */
export class Dashboard {
  counts = $state.raw<Counts>();
  /** The longest-running first; `undefined` until loaded. */
  runs = $state.raw<readonly ActiveRun[]>();
  /** Why the last read failed; what is shown is then still from `readAt`. */
  failure = $state.raw<unknown>();
  /** Milliseconds since 1970. */
  readAt = $state(0);

  /** Changes since the current read of the list began: its result may be older. */
  #held: RunsChange[] = [];
  readonly #refresh = new Refresh(() => this.read());
  readonly #timer = setInterval(() => this.#refresh.soon(), WITHOUT_EVENTS_MS);

  constructor(
    private readonly api: Pick<Api, 'get'>,
    /** Called when runs have ended, so that usage has changed. */
    private readonly onEnded: () => void,
  ) {}

  close(): void {
    clearInterval(this.#timer);
    this.#refresh.close();
  }

  /** Reads everything soon: events may be missing. */
  reload(): void {
    this.#refresh.soon();
    this.onEnded();
  }

  apply(event: AdminEvent): void {
    if (event.type === 'runs.changed') this.#change(event.data);
    else if (event.type === 'connections.changed') this.#know({ ...renamed(event.data) });
    else if (event.type === 'user.added' || event.type === 'user.deleted' || event.type === 'presence.changed') {
      this.#refresh.soon();
    }
  }

  async read(): Promise<void> {
    this.#held = [];
    try {
      const [counts, { items }] = await Promise.all([
        this.api.get<Counts>('/api/admin/dashboard'),
        this.api.get<ActiveRunList>('/api/admin/runs'),
      ]);
      this.counts = counts;
      this.runs = this.#held.reduce<readonly ActiveRun[]>(afterChange, items);
      this.readAt = timeOfDay();
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }

  #change(change: RunsChange): void {
    this.#held.push(change);
    this.#know({ activeRuns: change.active });
    if (this.runs) {
      this.runs = afterChange(this.runs, change);
      if (isIncomplete(this.runs, change)) this.#refresh.soon();
    }
    if (change.ended.length === 0) return;
    // The tokens and the cost of today.
    this.#refresh.soon();
    this.onEnded();
  }

  #know(known: Partial<Counts>): void {
    if (this.counts) this.counts = { ...this.counts, ...known };
  }
}

const renamed = ({ users, sockets }: { readonly users: number; readonly sockets: number }): Partial<Counts> => ({
  connectedUsers: users,
  sockets,
});
