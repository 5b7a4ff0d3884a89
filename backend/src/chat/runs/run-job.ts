import type { ReplySettings, Turn } from '../../models/model-request.js';
import type { JournalPlace } from '../../streams/journal/journal.js';
import type { Claim } from './lease.js';

/** Everything that a worker needs to answer one question, and those who wait for its end. */
export interface RunJob extends Claim {
  readonly conversationId: string;
  readonly userId: string;
  readonly messageId: string;
  readonly model: string;
  readonly settings: ReplySettings;
  readonly requestId: string;
  /** Where its text begins in the message, in UTF-16 units: behind what earlier runs have written. */
  readonly offset: number;
  readonly history: readonly Turn[];
  /** The conversation begins with it, and gets its title after it. */
  readonly isFirst: boolean;
}

/** What a run begins under. */
export interface RunOptions {
  /** The models that may be asked, the default first. */
  readonly allowed: readonly string[];
  readonly requestId: string;
  /** How many runs of one user may be active at once. */
  readonly maxRuns: number;
  /** Where this process will write its deltas. */
  readonly journal: JournalPlace;
}
