import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ADMIN_STREAM, type ChatEvent, MAX_LISTED_RUNS, type RunsChange } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { TAKE_TURN } from './active-run.statements.js';
import { activeAmong, countActive } from './active-runs.js';

/** The shortest time between two events of this process. */
const EVERY_MS = 1_000;
/** Runs that start or end within this time are told together. */
const GATHER_MS = 50;

/**
 * Tells admins which runs have started and ended, as `runs.changed` on their stream, at most once a second from each
 * process.
 *
 * It costs the tokens nothing: it hears only of the starts and ends of runs. The events are not written in the
 * transactions of the runs themselves, since all starts and ends of all processes would then wait for the one head of
 * the admins' stream.
 */
@Injectable()
export class RunActivity implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(RunActivity.name);
  private changed = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private nextAt = 0;
  private isOver = false;

  constructor(private readonly log: EventLog) {}

  onModuleInit(): void {
    this.log.onOwnEvents(({ events }) => {
      for (const event of events as readonly ChatEvent[]) {
        if (event.type === 'run.started' || event.type === 'run.finished') this.note(event.data.runId);
      }
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isOver = true;
    clearTimeout(this.timer);
    await this.publish();
  }

  /** Notes that a run has started or ended; its rows are committed. */
  note(runId: string): void {
    this.changed.add(runId);
    if (!this.isOver) this.timer ??= setTimeout(() => void this.publish(), this.waitMs()).unref();
  }

  private waitMs(): number {
    return Math.max(GATHER_MS, this.nextAt - performance.now());
  }

  private async publish(): Promise<void> {
    const ids = [...this.changed];
    this.changed = new Set();
    try {
      if (ids.length > 0) await this.write(ids);
    } catch (error) {
      this.logger.warn({ msg: 'Admins could not be told of runs; trying again', err: error });
      for (const id of ids) this.changed.add(id);
    }
    this.timer = undefined;
    // From the end of the write, which may have waited for others: the events themselves are a second apart.
    this.nextAt = performance.now() + EVERY_MS;
    const [waiting] = this.changed;
    if (waiting !== undefined) this.note(waiting);
  }

  private write(ids: readonly string[]): Promise<void> {
    return this.log.write(async (transaction) => {
      await transaction.all(TAKE_TURN, []);
      // What is true now, not what was noted: a run may have ended meanwhile, and on another process.
      const listed = ids.slice(0, MAX_LISTED_RUNS);
      const started = await activeAmong(transaction.all, listed);
      const isActive = new Set(started.map(({ id }) => id));
      const data: RunsChange = {
        started,
        ended: listed.filter((id) => !isActive.has(id)),
        active: await countActive(transaction.all),
        ...(ids.length > listed.length && { more: true }),
      };
      transaction.append(ADMIN_STREAM, { type: 'runs.changed', data });
    });
  }
}
