import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import pino from 'pino';
import { codeOf } from '../config/checks/system-reason.js';

/** What may wait to be written: what a busy server logs in a minute. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** How long the end of the process waits for the last lines to be taken. */
const LAST_WORDS_MS = 500;

/**
 * Where the log goes: standard output, which may be a pipe that nobody reads, a reader that has gone, or a file on a
 * full disk. None of them may hold up the server, fill its memory, end it or keep it from ending. So lines are written
 * aside, wait in a bounded buffer, and are dropped beyond it; how many is counted, and logged as soon as the log is
 * taken again.
 */
@Injectable()
export class LogOutput {
  /** Lines that were not written, since the start of the process. */
  dropped = 0;
  /** For pino. */
  readonly stream: pino.DestinationStream & ReturnType<typeof pino.destination>;
  private readonly own: pino.Logger;
  private untold = 0;
  private isRefused = false;
  private endsAt: number | undefined;

  constructor() {
    this.stream = pino.destination({
      // Asking Node for it also makes a pipe non-blocking: a write that blocks would keep the process from ending.
      dest: process.stdout.fd,
      sync: false,
      maxLength: MAX_WAITING_BYTES,
      // Asked while the pipe is full: at the end of the process it would be tried again for ever.
      retryEAGAIN: () => this.endsAt === undefined || performance.now() < this.endsAt,
    });
    this.own = pino(this.stream);
    this.stream.on('drop', () => this.drop());
    this.stream.on('write', () => (this.isRefused = false));
    this.stream.on('drain', () => this.reportDropped());
    // Without a listener an error would end the server. What waits is tried again with the next line.
    this.stream.on('error', (error) => this.refused(error));
    this.boundLastWords();
  }

  /** Resolves when all lines are written, or cannot be within half a second. */
  async written(): Promise<void> {
    const written = new Promise<void>((resolve) => this.stream.once('drain', resolve));
    this.stream.write('');
    await Promise.race([written, delay(LAST_WORDS_MS)]);
  }

  private drop(): void {
    this.dropped += 1;
    this.untold += 1;
  }

  private refused(error: unknown): void {
    this.isRefused = true;
    // The reader has gone, and none takes its place.
    if (codeOf(error) === 'EPIPE') this.stream.write = () => (this.drop(), true);
  }

  private reportDropped(): void {
    if (this.untold === 0) return;
    const dropped = this.untold;
    this.untold = 0;
    this.own.error({ dropped }, 'The log lost lines that could not be written');
  }

  /** Pino writes what waits when the process exits, for as long as it takes. */
  private boundLastWords(): void {
    const flush = this.stream.flushSync.bind(this.stream);
    this.stream.flushSync = (): void => {
      if (this.isRefused) return;
      this.endsAt = performance.now() + LAST_WORDS_MS;
      try {
        flush();
      } catch (error) {
        // Nobody reads it: there is nobody to tell.
        this.refused(error);
      }
    };
  }
}
