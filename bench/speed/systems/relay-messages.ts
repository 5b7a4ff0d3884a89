import type { RawData } from 'ws';

/** Messages from a tab to the bare relay: it joins a room, or sends a question in it. */
export interface RelayCommand {
  readonly room: string;
  readonly question?: string;
}

/** Messages from the relay: the tab has joined, the next token of an answer, or its end. */
export interface RelayMessage {
  readonly room: string;
  readonly joined?: true;
  readonly text?: string;
  readonly ended?: true;
}

/** `ws` delivers a frame as one buffer by default. */
const textOf = (data: RawData): string => (data as Buffer).toString('utf8');

export const readRelayCommand = (data: RawData): RelayCommand => JSON.parse(textOf(data)) as RelayCommand;
export const readRelayMessage = (data: RawData): RelayMessage => JSON.parse(textOf(data)) as RelayMessage;
