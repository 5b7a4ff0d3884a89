import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { matching } from './matching.js';

describe('what the server says is refused', () => {
  const schema = z.looseObject({ id: z.string(), of: z.object({ n: z.number() }).optional() });

  it('where a key is missing, or is of another type', () => {
    expect(() => matching(schema, {}, 'It')).toThrow(/^It is not as its schema says: /);
    expect(() => matching(schema, { id: 1 }, 'It')).toThrow(/^It is not as its schema says: /);
  });

  it('where it has a key that no schema names', () => {
    expect(() => matching(schema, { id: 'a', of: { n: 1, more: 2 } }, 'It')).toThrow(/^It has what .*more: 2/s);
  });

  it('in no other case', () => {
    const said = JSON.parse('{"id": "a", "of": {"n": 1}}') as unknown;
    expect(matching(schema, said, 'It')).toEqual(said);
    expect(matching(schema, { id: 'a' }, 'It')).toEqual({ id: 'a' });
  });
});
