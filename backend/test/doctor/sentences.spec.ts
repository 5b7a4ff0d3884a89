import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { SENTENCES } from '../../src/doctor/sentences.js';

const catalogue = JSON.parse(readFileSync('frontend/messages/admin/en.json', 'utf8')) as Record<string, string>;

it('the page says the same as the terminal', () => {
  const page = Object.entries(catalogue).filter(([key]) => key.startsWith('check_'));
  expect(Object.fromEntries(page)).toEqual(
    Object.fromEntries(Object.entries(SENTENCES).map(([id, sentence]) => [`check_${id}`, sentence])),
  );
});
