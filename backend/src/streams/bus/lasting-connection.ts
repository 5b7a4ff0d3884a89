/** A single connection; when it is lost, `LastingConnection` makes another one. */
export interface Connection {
  /** Connects; rejects when that is not possible. */
  connect(): Promise<void>;
  /** Resolves when the server answers. */
  probe(): Promise<unknown>;
  /** Closes the connection without waiting for the server. */
  close(): void;
}

interface Options<C> {
  /** Creates a connection, not connected yet; it calls `lost` when it breaks, possibly more than once. */
  make(lost: (error: unknown) => void): C;
  /** Connected. Earlier messages may have been missed, also the first time. */
  connected(connection: C): void;
  /** The connection broke or could not be made, and is tried again. Called only once until it is connected again. */
  failed(error: unknown): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const CONNECT_WITHIN_MS = 5_000;
/** How often to check for a server that vanished without closing the connection. */
const PROBE_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 5_000;

/** Keeps one connection open: it reconnects, with growing pauses, when the connection breaks or does not answer. */
export class LastingConnection<C extends Connection> implements Disposable {
  /** Resolves after the first attempt, whether or not it succeeded. */
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

  /** The connection, while it is connected. */
  get current(): C | undefined {
    return this.isConnected ? this.connection : undefined;
  }

  /** Closes a broken connection and makes another one, unless that has already happened. */
  lose(connection: C, error: unknown): void {
    if (this.connection !== connection || this.isClosed) return;
    this.connection = undefined;
    this.isConnected = false;
    clearTimeout(this.timer);
    connection.close();
    if (!this.hasFailed) this.options.failed(error);
    this.hasFailed = true;
    // Random, so that the processes of an installation do not all reconnect at once.
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

/** Waits for `work`, but not longer than `ms`. @throws Error after that time; the outcome of `work` is then ignored */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
