import type { RawData } from 'ws';

/** What a tab says to the bare relay: it joins a room, or asks something in it. */
export interface RelayCommand {
  readonly room: string;
  readonly question?: string;
}

/** What the relay says: that a tab is in, the next token of an answer, or that the answer is over. */
export interface RelayMessage {
  readonly room: string;
  readonly joined?: true;
  readonly text?: string;
  readonly ended?: true;
}

/** `ws` hands out frames as one buffer unless it is told otherwise. */
const textOf = (data: RawData): string => (data as Buffer).toString('utf8');

export const readRelayCommand = (data: RawData): RelayCommand => JSON.parse(textOf(data)) as RelayCommand;
export const readRelayMessage = (data: RawData): RelayMessage => JSON.parse(textOf(data)) as RelayMessage;
