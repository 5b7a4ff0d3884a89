import { z } from 'zod';

/**
 * The schema of a variable with a JSON object from model ids to values.
 * @param example an example of such an object, for error messages
 */
export const byModel = <Value>(value: z.ZodType<Value>, example: string) =>
  z.string().transform((text, context): ReadonlyMap<string, Value> => {
    const parsed = z.record(z.string(), value).safeParse(parse(text));
    if (parsed.success) return new Map(Object.entries(parsed.data));
    const reasons = parsed.error.issues.map(({ path, message }) =>
      [path.join('.'), message].filter(Boolean).join(': '),
    );
    context.addIssue({ code: 'custom', message: `takes JSON such as ${example} (${reasons.join('; ')})` });
    return z.NEVER;
  });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
