import type { Command, SendResult } from '../../protocol/index.js';
import type { Position } from '../../streams/log/log-transaction.js';
import type { RunJob } from '../runs/run-job.js';

type AskName = 'message:send' | 'message:edit' | 'message:regenerate' | 'message:continue';

/**
 * A command that asks something of the model, as it came: `message:send` adds a message, `message:edit` a sibling of one
 * of the user's own, `message:regenerate` a sibling of a reply; `message:continue` goes on with a reply that ended early.
 */
export type AskCommand = { [Name in AskName]: { readonly name: Name; readonly command: Command<Name> } }[AskName];

/** Those that write a new reply. */
export type TurnCommand = Exclude<AskCommand, { name: 'message:continue' }>;

/** What a command that asks something of the model has led to, now or before: its answer, but for what the commit gives. */
export interface Begun extends Omit<SendResult, 'seq'> {
  /** The last event of it in the conversation's stream; where the stream stands, for a command that came before. */
  readonly position: Position;
  /** To be started once it is committed. */
  readonly job?: RunJob;
}

/** What the command is answered with, after the commit. */
export const answerOf = ({ duplicate, messageId, runId, position, queued }: Begun): SendResult => ({
  duplicate,
  messageId,
  runId,
  seq: position.seq,
  ...(queued && { queued }),
});
