import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import pino from 'pino';
import { codeOf } from '../config/checks/system-reason.js';
import { within } from './within.js';

/** The size of the buffer: about a minute of the log of a busy server. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** How long a stopping process waits until the last lines are written. */
const LAST_WORDS_MS = 500;

/**
 * Writes the log to standard output, which may be a pipe without a reader, a closed pipe, or a file on a full disk.
 * None of these may block the server, fill its memory, end it or keep it from ending. So lines are written
 * asynchronously from a bounded buffer and dropped when it is full. The number of dropped lines is counted, and logged
 * once writing works again.
 */
@Injectable()
export class LogOutput {
  /** The number of dropped lines since the start of the process. */
  dropped = 0;
  /** For pino. */
  readonly stream: pino.DestinationStream & ReturnType<typeof pino.destination>;
  private readonly own: pino.Logger;
  private untold = 0;
  private isRefused = false;
  private endsAt: number | undefined;

  constructor() {
    this.stream = pino.destination({
      // Accessing `process.stdout` also makes a pipe non-blocking; a blocking write would keep the process from ending.
      dest: process.stdout.fd,
      sync: false,
      maxLength: MAX_WAITING_BYTES,
      // Called while the pipe is full; without a limit the end of the process would retry for ever.
      retryEAGAIN: () => this.endsAt === undefined || performance.now() < this.endsAt,
    });
    this.own = pino(this.stream);
    this.stream.on('drop', () => this.drop());
    this.stream.on('write', () => (this.isRefused = false));
    this.stream.on('drain', () => this.reportDropped());
    // Without a listener an error would end the server. The buffer is written again with the next line.
    this.stream.on('error', (error) => this.refused(error));
    this.boundLastWords();
  }

  /** Resolves when all lines are written, or cannot be within half a second. */
  async written(): Promise<void> {
    const written = new Promise<void>((resolve) => this.stream.once('drain', resolve));
    this.stream.write('');
    await within(LAST_WORDS_MS, written);
  }

  private drop(): void {
    this.dropped += 1;
    this.untold += 1;
  }

  private refused(error: unknown): void {
    this.isRefused = true;
    // The reader has closed the pipe, so drop all further lines.
    if (codeOf(error) === 'EPIPE') this.stream.write = () => (this.drop(), true);
  }

  private reportDropped(): void {
    if (this.untold === 0) return;
    const dropped = this.untold;
    this.untold = 0;
    this.own.error({ dropped }, 'The log lost lines that could not be written');
  }

  /** Limits the time of Pino's flush at the exit of the process. */
  private boundLastWords(): void {
    const flush = this.stream.flushSync.bind(this.stream);
    this.stream.flushSync = (): void => {
      if (this.isRefused) return;
      this.endsAt = performance.now() + LAST_WORDS_MS;
      try {
        flush();
      } catch (error) {
        // The output cannot be written, so the error cannot be logged either.
        this.refused(error);
      }
    };
  }
}
