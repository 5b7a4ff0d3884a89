import { expect, it } from 'vitest';
import { matchesWords, placesOf } from './fold-text.ts';

it.each([
  [
    'Ångström, ÅNGSTRÖM',
    'angstrom',
    [
      [0, 8],
      [10, 18],
    ],
  ],
  ['A\u030angstrom', 'ang', [[0, 4]]],
  ['aaa', 'aa', [[0, 2]]],
  ['Straße', 'STRASSE', []],
  ['😀 cat', 'cat', [[3, 6]]],
  ['ﬁne', 'fin', [[0, 2]]],
  ['nothing', '  ', []],
  [
    '日本語の本',
    '本',
    [
      [1, 2],
      [4, 5],
    ],
  ],
] as const)('finds in %j the places of %j', (text, wanted, places) => {
  expect(placesOf(text, wanted.trim())).toEqual(places);
});

it.each([
  ['dark', 'Theme dark light', true],
  ['dar th', 'Theme dark light', true],
  ['ark', 'Theme dark light', false],
  ['deconnex', 'Se déconnecter déconnexion', true],
  ['', 'anything', true],
])('compares the query %j with the words %j', (query, words, isMeant) => {
  expect(matchesWords(query, words)).toBe(isMeant);
});
