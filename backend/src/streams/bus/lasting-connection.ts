/** A connection that is made once, and made anew by `LastingConnection` when it is lost. */
export interface Connection {
  /** Rejects when it cannot be made. */
  connect(): Promise<void>;
  /** Resolves when the other end answers. */
  probe(): Promise<unknown>;
  /** Ends it without waiting for the other end. */
  close(): void;
}

interface Options<C> {
  /** Makes a connection that is not connected yet; `lost` says that it broke, and may be called more than once. */
  make(lost: (error: unknown) => void): C;
  /** It is there now. What was sent before may have been missed, also at the first time. */
  connected(connection: C): void;
  /** It broke, or could not be made; it is tried again. Called once until it is there again. */
  failed(error: unknown): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const CONNECT_WITHIN_MS = 5_000;
/** A connection whose other end has vanished without a word is found out this often. */
const PROBE_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 5_000;

/** Keeps one connection up, trying again with growing pauses when it breaks or falls silent. */
export class LastingConnection<C extends Connection> implements Disposable {
  /** Resolves after the first try, whatever came of it. */
  readonly tried: Promise<void>;
  private connection: C | undefined;
  private isConnected = false;
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private hasFailed = false;
  private isClosed = false;

  constructor(private readonly options: Options<C>) {
    this.tried = this.connect();
  }

  /** The connection, while it is there. */
  get current(): C | undefined {
    return this.isConnected ? this.connection : undefined;
  }

  /** The connection is of no more use: makes another one, unless there is one already. */
  lose(connection: C, error: unknown): void {
    if (this.connection !== connection || this.isClosed) return;
    this.connection = undefined;
    this.isConnected = false;
    clearTimeout(this.timer);
    connection.close();
    if (!this.hasFailed) this.options.failed(error);
    this.hasFailed = true;
    // Random, so that the processes of an installation do not all come back at once.
    this.timer = setTimeout(() => void this.connect(), this.pauseMs * (0.5 + Math.random()));
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  [Symbol.dispose](): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.connection?.close();
    this.connection = undefined;
    this.isConnected = false;
  }

  private async connect(): Promise<void> {
    const connection: C = this.options.make((error) => this.lose(connection, error));
    this.connection = connection;
    try {
      await within(CONNECT_WITHIN_MS, connection.connect());
    } catch (error) {
      this.lose(connection, error);
      return;
    }
    if (this.connection !== connection) return;
    this.isConnected = true;
    this.pauseMs = FIRST_PAUSE_MS;
    this.hasFailed = false;
    this.options.connected(connection);
    this.probeLater(connection);
  }

  private probeLater(connection: C): void {
    this.timer = setTimeout(() => {
      within(ANSWER_WITHIN_MS, connection.probe()).then(
        () => {
          if (this.connection === connection) this.probeLater(connection);
        },
        (error: unknown) => this.lose(connection, error),
      );
    }, PROBE_EVERY_MS);
  }
}

/** Waits for `work`, but not longer than `ms`. @throws Error when it takes longer; its outcome is ignored then */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
