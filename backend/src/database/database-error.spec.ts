import { describe, expect, it } from '@jest/globals';
import { classifyDatabaseError } from './database-error.js';

const failure = (message: string, code?: string): Error => Object.assign(new Error(message), code && { code });

describe('classifyDatabaseError', () => {
  it.each([
    ['a full disk', failure('full', 'SQLITE_FULL'), 'unavailable'],
    ['a lost connection', failure('Connection terminated unexpectedly'), 'unavailable'],
    ['a server that starts', failure('starting up', '57P03'), 'unavailable'],
    ['a lock', failure('locked', 'SQLITE_BUSY_SNAPSHOT'), 'conflict'],
    ['a cause that passes', new Error('x', { cause: failure('deadlock', '40P01') }), 'conflict'],
    ['a NUL in a value', failure('invalid byte sequence for encoding "UTF8": 0x00', '22021'), 'other'],
    ['a NUL in a statement', failure('invalid message format', '08P01'), 'other'],
    ['a number that does not fit', failure('value out of range', '22003'), 'other'],
    ['a refused value that speaks of connections', failure('bad: "connection closed"', '22P02'), 'other'],
    ['an error of the program', new TypeError('connection error in a title'), 'other'],
  ])('classifies %s', (_what, error, kind) => {
    expect(classifyDatabaseError(error)).toBe(kind);
  });
});
