import type { ReplySettings, Turn } from '../../models/model-request.js';
import type { ExpectedUse } from '../../models/usage/expected-use.js';
import type { Sampling } from '../../models/sampling.js';
import type { JournalPlace } from '../../streams/journal/journal.js';
import type { Claim } from './lease.js';

/** Everything that is needed to write one reply, and to follow up when its run has ended. */
export interface RunJob extends Claim {
  readonly conversationId: string;
  readonly userId: string;
  readonly messageId: string;
  readonly model: string;
  readonly settings: ReplySettings;
  readonly stop?: readonly string[] | undefined;
  readonly requestId: string;
  /** Where the run's text begins in the message, in UTF-16 units: after the text of earlier runs. */
  readonly offset: number;
  readonly history: readonly Turn[];
  /** Whether this is the first run of a new conversation, whose title is generated after it. */
  readonly isFirst: boolean;
}

/** Settings of one reply alone, which take precedence over those of its conversation. */
export interface OwnSettings extends Sampling {
  readonly stop?: readonly string[] | undefined;
}

/** The conditions under which this process starts a run now. */
export interface RunOptions {
  /** The offered models, the default first. */
  readonly allowed: readonly string[];
  readonly requestId: string;
  /** The limit of active runs per user. */
  readonly maxRuns: number;
  /** Where this process will write the run's deltas. */
  readonly journal: JournalPlace;
  /** Estimates what a reply will use. */
  readonly expects: (model: string, turn: Pick<RunJob, 'settings' | 'history'>) => ExpectedUse;
  /** Set by a program. */
  readonly own?: OwnSettings | undefined;
}
