import { describe, expect, it } from '@jest/globals';
import { TokenCheck, tokenText } from './token-text.ts';

const tokens = (...numbers: readonly number[]): string => numbers.map((number) => tokenText(number, 1_000)).join('');

function errorsOf(text: string, expected: number): number {
  const check = new TokenCheck(expected);
  check.feed(text);
  return check.errors;
}

describe('TokenCheck', () => {
  it('finds no errors in complete and ordered tokens', () => {
    expect(errorsOf(tokens(0, 1, 2, 3), 4)).toBe(0);
  });

  it('accepts any split of the text', () => {
    const sent: number[] = [];
    const check = new TokenCheck(40, (micros) => sent.push(micros));
    for (const sign of tokens(...Array(40).keys())) check.feed(sign);
    expect(check.errors).toBe(0);
    expect(sent).toEqual(Array(40).fill(1_000));
  });

  it.each([
    ['a lost one', tokens(0, 1, 3), 4, 1],
    ['three lost ones', tokens(0, 4), 5, 3],
    ['a doubled one', tokens(0, 1, 1, 2), 3, 1],
    ['two in the wrong order', tokens(0, 2, 1, 3), 4, 2],
    ['those that never came', tokens(0, 1), 5, 3],
    ['one that was cut off', tokens(0, 1).slice(0, -1), 2, 2],
    ['what is no token', `${tokens(0)}text;${tokens(1)}`, 2, 1],
  ])('counts %s', (_, text, expected, errors) => {
    expect(errorsOf(text, expected)).toBe(errors);
  });

  it('reads the time at which a token was sent', () => {
    const sent: number[] = [];
    new TokenCheck(1, (micros) => sent.push(micros)).feed(tokenText(0, 123_456_789_012.4));
    expect(sent).toEqual([123_456_789_012]);
  });
});
