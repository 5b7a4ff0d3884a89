import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { matching } from './matching.js';

describe('a message of the server is refused', () => {
  const schema = z.looseObject({ id: z.string(), of: z.object({ n: z.number() }).optional() });

  it('if a key is missing or has another type', () => {
    expect(() => matching(schema, {}, 'It')).toThrow(/^It does not match its schema: /);
    expect(() => matching(schema, { id: 1 }, 'It')).toThrow(/^It does not match its schema: /);
  });

  it('if it has a key that its schema does not name', () => {
    expect(() => matching(schema, { id: 'a', of: { n: 1, more: 2 } }, 'It')).toThrow(/^It has keys .*more: 2/s);
  });

  it('in no other case', () => {
    const message = JSON.parse('{"id": "a", "of": {"n": 1}}') as unknown;
    expect(matching(schema, message, 'It')).toEqual(message);
    expect(matching(schema, { id: 'a' }, 'It')).toEqual({ id: 'a' });
  });
});
