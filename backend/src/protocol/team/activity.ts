import { z } from 'zod';
import { uuid } from '../ids.js';

/** A run in progress, as admins see it: never its text. */
export const activeRun = z.object({
  id: uuid,
  userId: uuid,
  userName: z.string(),
  userEmail: z.string(),
  model: z.string(),
  /** In milliseconds since 1970. */
  startedAt: z.int().nonnegative(),
  /** `null` for a call of a program that belongs to no conversation. */
  conversationId: uuid.nullable(),
});
export type ActiveRun = z.infer<typeof activeRun>;

/** How many runs are listed at most, in a list and in an event. */
export const MAX_LISTED_RUNS = 100;

/** The runs that have started or ended in the last second, and how many are active now, over all processes. */
export const runsChange = z.object({
  started: z.array(activeRun),
  ended: z.array(uuid),
  active: z.int().nonnegative(),
  /** More runs than fit into one event have changed: the list is read again over HTTP. */
  more: z.literal(true).optional(),
});
export type RunsChange = z.infer<typeof runsChange>;
