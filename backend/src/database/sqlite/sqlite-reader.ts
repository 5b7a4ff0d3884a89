import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ChatError } from '../../protocol/index.js';
import type { SqliteOptions } from './sqlite-driver.js';
import type { ReaderAnswer, ReaderOptions, ReaderQuestion } from './sqlite-reader.worker.js';

/** Compiled as this file is, or neither: Node runs both. */
const PROGRAM = new URL(`./sqlite-reader.worker${extname(import.meta.url)}`, import.meta.url);

type Rows = readonly unknown[];

/** A connection of SQLite's in a thread of its own, for what would keep the event loop waiting. It reads only. */
export class SqliteReader {
  private readonly worker: Worker;
  private readonly asked: PromiseWithResolvers<Rows>[] = [];
  private failure: unknown;
  private hasEnded = false;

  constructor({ path, synchronous }: SqliteOptions, onFailure: (error: unknown) => void) {
    this.worker = new Worker(PROGRAM, { workerData: { path, synchronous } satisfies ReaderOptions });
    // A server that has nothing else to do may end.
    this.worker.unref();
    this.worker.on('message', (answer: ReaderAnswer) => this.take(answer));
    this.worker.on('error', (error) => {
      this.failure = error;
    });
    this.worker.on('exit', (code) => {
      this.hasEnded = true;
      if (code !== 0 || this.asked.length > 0) onFailure(this.failure ?? new Error(`It ended with code ${code}`));
      for (const { reject } of this.asked.splice(0)) reject(this.unavailable());
    });
  }

  /** Whether the thread is gone, by itself or closed: another reader is needed then. */
  get isGone(): boolean {
    return this.hasEnded;
  }

  /**
   * Runs one statement after those that were asked for before.
   * @param begins whether a transaction begins with it, which lasts until `endTransaction`
   * @throws what SQLite throws, as an error with its `code`; ChatError `storage` when the thread has died
   */
  async ask(sql: string, values: readonly unknown[], begins = false): Promise<Rows> {
    if (this.hasEnded) throw this.unavailable();
    const answered = Promise.withResolvers<Rows>();
    this.asked.push(answered);
    this.send({ sql, values, begins });
    return answered.promise;
  }

  /** Ends the transaction that is open, if there is one. Not waited for: it has only read. */
  endTransaction(): void {
    if (!this.hasEnded) this.send('end');
  }

  /** Answers what was asked, closes the connection and ends the thread. */
  async close(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.worker, 'exit');
    this.worker.ref();
    this.send('close');
    await ended;
  }

  private send(question: ReaderQuestion): void {
    this.worker.postMessage(question, []);
  }

  private take(answer: ReaderAnswer): void {
    const asked = this.asked.shift();
    if ('rows' in answer) asked?.resolve(answer.rows);
    else asked?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
  }

  private unavailable(): ChatError {
    return new ChatError('storage', 'The database cannot be read at the moment.', { cause: this.failure });
  }
}
