import type { ProcessMeter } from '../report/process-meter.ts';

/** A room of the relay, or a conversation. */
export interface Room {
  readonly id: string;
}

/** Called with what a tab receives. */
export interface TabListener {
  text(text: string): void;
  ended(): void;
  failed(error: Error): void;
}

/** A socket that follows one room. */
export interface Tab {
  /** Sends a question; resolves when it is acknowledged, if the server acknowledges. */
  send(question: string): Promise<void>;
  close(): void;
  /** Bytes of all frames so far. */
  readonly receivedBytes: number;
}

/** A measured server, in one or several processes. */
export interface System extends AsyncDisposable {
  readonly meter: ProcessMeter;
  /** Creates rooms that a tab can follow. */
  rooms(count: number): Promise<readonly Room[]>;
  /** Connects and follows a room; messages that arrive before the acknowledgement are not lost. */
  openTab(room: Room, listener: TabListener, process?: number): Promise<Tab>;
}
