import type { ProcessMeter } from '../report/process-meter.ts';

/** A room, as the relay has it, or a conversation. */
export interface Room {
  readonly id: string;
}

/** Hears what a tab is sent. */
export interface TabListener {
  text(text: string): void;
  ended(): void;
  failed(error: Error): void;
}

/** A socket that follows one room. */
export interface Tab {
  /** Asks the model; resolves once the server has taken the question, where it says so. */
  send(question: string): Promise<void>;
  close(): void;
  /** Bytes of all frames so far. */
  readonly receivedBytes: number;
}

/** What is measured: a server, or several, in processes of their own. */
export interface System extends AsyncDisposable {
  readonly meter: ProcessMeter;
  /** Makes rooms that a tab can follow. */
  rooms(count: number): Promise<readonly Room[]>;
  /** Connects and follows; what the server sends before it says so is not lost. */
  openTab(room: Room, listener: TabListener, process?: number): Promise<Tab>;
}
