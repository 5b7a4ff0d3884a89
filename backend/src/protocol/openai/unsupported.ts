import type { z } from 'zod';

/** The message about an unknown key: it is a parameter that Lockstep does not support. */
export const unsupported = (issue: z.core.$ZodRawIssue): string | undefined =>
  issue.code === 'unrecognized_keys' ? `not supported here: ${issue.keys.join(', ')}` : undefined;
