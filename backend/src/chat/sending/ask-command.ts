import type { ChatError, Command, SendResult } from '../../protocol/index.js';
import type { Position } from '../../streams/log/log-transaction.js';
import type { RunJob } from '../runs/run-job.js';

type AskName = 'message:send' | 'message:edit' | 'message:regenerate' | 'message:continue';

/**
 * A command that starts a run, as received: `message:send` adds a message, `message:edit` adds a sibling of one of the
 * user's messages, `message:regenerate` adds a sibling of a reply, and `message:continue` continues a reply that ended
 * early.
 */
export type AskCommand = { [Name in AskName]: { readonly name: Name; readonly command: Command<Name> } }[AskName];

/** The commands that add a new reply. */
export type TurnCommand = Exclude<AskCommand, { name: 'message:continue' }>;

/** The result of a command that starts a run, or of its earlier copy: the answer without `seq`, which the commit assigns. */
export interface Begun extends Omit<SendResult, 'seq'> {
  /** The position of the command's last event in the conversation's stream; the head of the stream for a repeated one. */
  readonly position: Position;
  /** The run to start after the commit. */
  readonly job?: RunJob;
  /** Why the run must not ask the model. */
  readonly refusal?: ChatError;
}

/** The answer to the command; valid after the commit. */
export const answerOf = ({ duplicate, messageId, runId, position, queued }: Begun): SendResult => ({
  duplicate,
  messageId,
  runId,
  seq: position.seq,
  ...(queued && { queued }),
});
