import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ChatError } from '../../protocol/index.js';
import type { SqliteOptions } from './sqlite-driver.js';
import type { ReaderAnswer, ReaderOptions, ReaderQuestion } from './sqlite-reader.worker.js';

/** The worker has the same extension as this file: compiled, or TypeScript, which Node can run too. */
const PROGRAM = new URL(`./sqlite-reader.worker${extname(import.meta.url)}`, import.meta.url);

type Rows = readonly unknown[];

/** A read-only connection of SQLite in a thread, for statements that would block the event loop. */
export class SqliteReader {
  private readonly worker: Worker;
  private readonly asked: PromiseWithResolvers<Rows>[] = [];
  private failure: unknown;
  private hasEnded = false;

  constructor({ path, synchronous }: SqliteOptions, onFailure: (error: unknown) => void) {
    this.worker = new Worker(PROGRAM, { workerData: { path, synchronous } satisfies ReaderOptions });
    // The thread does not keep the process from ending.
    this.worker.unref();
    this.worker.on('message', (answer: ReaderAnswer) => this.take(answer));
    this.worker.on('error', (error) => {
      this.failure = error;
    });
    this.worker.on('exit', (code) => {
      this.hasEnded = true;
      if (code !== 0 || this.asked.length > 0) onFailure(this.failure ?? new Error(`Exit code ${code}`));
      for (const { reject } of this.asked.splice(0)) reject(this.unavailable());
    });
  }

  /** Whether the thread has ended, so that another reader is needed. */
  get isGone(): boolean {
    return this.hasEnded;
  }

  /**
   * Runs a statement, after all earlier ones.
   * @param begins whether to start a transaction first, which lasts until `endTransaction`
   * @throws what SQLite throws, as an error with its `code`; ChatError `storage` when the thread has died
   */
  async ask(sql: string, values: readonly unknown[], begins = false): Promise<Rows> {
    if (this.hasEnded) throw this.unavailable();
    const answered = Promise.withResolvers<Rows>();
    this.asked.push(answered);
    this.send({ sql, values, begins });
    return answered.promise;
  }

  /** Ends the open transaction, if any. It has only read, so there is no need to wait. */
  endTransaction(): void {
    if (!this.hasEnded) this.send('end');
  }

  /** Finishes pending statements, closes the connection and ends the thread. */
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
