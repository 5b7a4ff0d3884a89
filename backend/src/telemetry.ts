import { type Channel, channel } from 'node:diagnostics_channel';
import type { ErrorCode, FinalStatus, RunErrorCode } from './protocol/index.js';

/**
 * A channel of `node:diagnostics_channel` with the type of its messages. Messages are delivered synchronously, in the
 * asynchronous context of the publisher.
 *
 * https://nodejs.org/api/diagnostics_channel.html
 */
export class TypedChannel<Message extends object> {
  private readonly channel: Channel;

  constructor(name: string) {
    this.channel = channel(name);
  }

  /** Whether there is a subscriber: otherwise nothing should be measured. */
  get isHeard(): boolean {
    return this.channel.hasSubscribers;
  }

  publish(message: Message): void {
    this.channel.publish(message);
  }

  /**
   * Calls `listener` with each message. Node treats an error that it throws as an uncaught exception.
   * @returns a function that unsubscribes
   */
  subscribe(listener: (message: Message) => void): () => void {
    const onMessage = (message: unknown): void => listener(message as Message);
    this.channel.subscribe(onMessage);
    return () => {
      this.channel.unsubscribe(onMessage);
    };
  }
}

/** A duration by `performance.now()`, in milliseconds. */
interface Timed {
  readonly durationMs: number;
}

/**
 * What the layers report about their work, after it has happened. They do not know who subscribes; metrics do. The
 * channels belong to the process, which runs one server.
 */
export const telemetry = {
  /** A command of a socket was answered; `command` is what the client sent, which may be any text. */
  commandAnswered: new TypedChannel<Timed & { readonly command: string; readonly result: 'ok' | ErrorCode }>(
    'lockstep:command.answered',
  ),
  /** A message, or another command that asks for a reply in a conversation, was accepted, repeated or refused. */
  messageSent: new TypedChannel<{ readonly result: 'accepted' | 'repeated' | 'refused' }>('lockstep:message.sent'),
  /** A model gave the first text of a reply, `delayMs` after the run began. */
  firstText: new TypedChannel<{ readonly model: string; readonly delayMs: number }>('lockstep:run.first-text'),
  /** Text of a model was sent to the sockets of this process, `delayMs` after its first character arrived. */
  textSent: new TypedChannel<{ readonly delayMs: number }>('lockstep:run.text-sent'),
  /** The end of a run was committed by this process, which may not be the one that wrote the reply. */
  runEnded: new TypedChannel<{ readonly end: FinalStatus; readonly model: string }>('lockstep:run.ended'),
  /** A request to a model failed, whether or not it is repeated. */
  modelFailed: new TypedChannel<{ readonly kind: RunErrorCode; readonly model: string }>('lockstep:model.failed'),
  /** A commit of the journal has succeeded, with one delta for each run that had text. */
  deltasCommitted: new TypedChannel<Timed & { readonly deltas: number }>('lockstep:journal.committed'),
  /** A transaction of the log has ended in any way; its time includes waiting for its turn, and repetitions. */
  transactionEnded: new TypedChannel<Timed>('lockstep:log.transaction'),
  /** A run was refused because the budget of its user for this period is used up. */
  budgetRefused: new TypedChannel<{ readonly period: 'day' | 'month' }>('lockstep:budget.refused'),
  /** A limit of acts within a time has refused one. */
  limitReached: new TypedChannel<{ readonly limit: string }>('lockstep:limit.reached'),
  /** A socket that does not read fast enough gets no more events, or was closed. */
  socketLagged: new TypedChannel<object>('lockstep:socket.lagged'),
  /** A client has subscribed again: its cursor was answered with the events after it, or was too old for that. */
  resubscribed: new TypedChannel<{ readonly reason: 'replay' | 'snapshot' }>('lockstep:stream.resubscribed'),
  /** Events that did not come over the bus in time were read from the log. */
  caughtUp: new TypedChannel<{ readonly stream: string }>('lockstep:stream.caught-up'),
} as const;
