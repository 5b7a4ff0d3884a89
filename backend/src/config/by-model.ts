import { z } from 'zod';

/**
 * A variable that holds a JSON object from the id of a model to what is set for it.
 * @param example of such an object, for whoever got it wrong
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
