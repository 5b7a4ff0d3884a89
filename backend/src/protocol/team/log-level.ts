import { z } from 'zod';

/** The levels that admins choose from, the one with the fewest lines first. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export const logLevel = z.enum(LOG_LEVELS);
export type LogLevel = z.infer<typeof logLevel>;

/**
 * What the processes log. `level` applies now; `until`: when `configured`, the value of `LOG_LEVEL`, applies again, in
 * milliseconds since 1970, or `null` if it applies already.
 */
export const logLevelState = z.object({
  configured: z.string(),
  level: z.string(),
  until: z.int().nonnegative().nullable(),
});
export type LogLevelState = z.infer<typeof logLevelState>;
