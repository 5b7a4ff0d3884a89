import { randomUUID } from 'node:crypto';
import type { z } from 'zod';

const LENGTHS = [1, 8, 43, 64];

/** Values for the leaves of schemas, in the order in which they are tried. */
const LEAVES: readonly unknown[] = [
  ...LENGTHS.map((length) => 'a'.repeat(length)),
  'ada@example.com',
  1,
  0,
  0.5,
  253_402_300_000_000,
  true,
  false,
  null,
];

/** Keys whose values have to fit together, or to exist. */
const KNOWN: Readonly<Record<string, unknown>> = { model: 'test-model', role: 'user', type: 'text' };

/**
 * A value that a schema accepts, with new ids: objects with all their keys if possible, otherwise with the required ones.
 * @throws Error if none is found
 */
export function sampleOf(schema: z.ZodType, key = ''): unknown {
  const [found] = accepted(
    schema,
    Object.hasOwn(KNOWN, key) ? [KNOWN[key], ...candidates(schema)] : candidates(schema),
  );
  if (found === undefined) throw new Error(`No sample of "${key}" (${schema.type}) is known: extend samples.ts`);
  return found;
}

/** Another sample: that of an object with the required keys only. */
export const leastOf = (schema: z.ZodType): unknown => accepted(schema, candidates(schema)).at(-1);

const accepted = (schema: z.ZodType, values: readonly unknown[]): unknown[] =>
  values.filter((value) => schema.safeParse(value).success);

function candidates(schema: z.ZodType): unknown[] {
  const def = schema.def as unknown as Readonly<Record<string, unknown>> & { readonly type: string };
  const inner = (key: string): z.ZodType => def[key] as z.ZodType;
  switch (def.type) {
    case 'object': {
      const shape = Object.entries(def['shape'] as Readonly<Record<string, z.ZodType>>);
      const filled = (keys: typeof shape) =>
        Object.fromEntries(keys.map(([key, child]) => [key, sampleOf(child, key)]));
      return [filled(shape), filled(shape.filter(([, child]) => !child.safeParse(undefined).success))];
    }
    case 'array':
      return [[sampleOf(inner('element'))], []];
    case 'tuple':
      return [(def['items'] as z.ZodType[]).map((item) => sampleOf(item))];
    case 'record':
      return [{}];
    case 'optional':
    case 'nullable':
    case 'default':
    case 'readonly':
      return candidates(inner('innerType'));
    case 'pipe':
      return candidates(inner('in'));
    case 'union':
      return (def['options'] as z.ZodType[]).flatMap(candidates);
    case 'enum':
      return Object.values(def['entries'] as object);
    case 'literal':
      return def['values'] as unknown[];
    default:
      return [randomUUID(), ...LEAVES];
  }
}

/** The paths to all values within a sample: `['settings', 'model']`; the empty path is the sample itself. */
export function pathsIn(value: unknown, path: readonly string[] = []): string[][] {
  const deeper =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, child]) => pathsIn(child, [...path, key]))
      : [];
  return [[...path], ...deeper];
}

/** A copy of a value with another one at a path. */
export function withValue(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const changed = withValue((value as Readonly<Record<string, unknown>>)[key], rest, replacement);
  return Array.isArray(value)
    ? value.map((item: unknown, at) => (String(at) === key ? changed : item))
    : { ...(value as object), [key]: changed };
}

/** The value at a path like `access.userIds[]`, set. */
export const withId = (value: unknown, key: string, id: string): unknown =>
  withValue(
    value,
    key
      .replaceAll('[]', '.0')
      .split('.')
      .filter((part) => part !== ''),
    id,
  );
