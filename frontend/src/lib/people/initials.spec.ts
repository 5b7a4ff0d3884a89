import { expect, it } from 'vitest';
import { hueOf, initialsOf } from './initials.ts';

it.each([
  ['Ada Lovelace', 'AL'],
  ['  ada   king  lovelace ', 'AL'],
  ['grace', 'G'],
  ['Ωmega Ünal', 'ΩÜ'],
  ['𝒜da 🦊', '𝒜🦊'],
  ['   ', ''],
])('the initials of %j are %j', (name, initials) => expect(initialsOf(name)).toBe(initials));

it('gives each id one of twelve hues, whatever the time of its creation', () => {
  const id = (end: number): string => `01a202d5-c4d5-7619-b6b4-${end.toString(16).padStart(12, '0')}`;
  const hues = Array.from({ length: 24 }, (_hue, at) => hueOf(id(at)));
  expect(new Set(hues).size).toBe(12);
  expect(hues.every((hue) => hue >= 0 && hue < 360)).toBe(true);
  expect(hueOf(id(5).replace('01a202d5', '02b313e6'))).toBe(hueOf(id(5)));
  expect(hueOf('no id')).toBe(0);
});
