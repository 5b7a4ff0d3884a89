import { expect, it } from 'vitest';
import { RUN_ERROR_CODES } from '#protocol';
import { runFailure } from './run-failure.ts';

const words = (code: (typeof RUN_ERROR_CODES)[number], hasText: boolean): string => {
  const { title, sentence } = runFailure(code, hasText);
  return `${title}. ${sentence}`;
};

it.each(RUN_ERROR_CODES)('does not contradict the text above it: %s', (code) => {
  expect(words(code, true)).not.toMatch(/did not answer|cannot be reached|could not be asked/);
});

it.each([
  'model_timeout',
  'model_truncated',
  'model_bad_response',
  'model_too_long',
  'internal',
  'model_unavailable',
] as const)('says that what arrived is kept after %s, where something has', (code) => {
  expect(words(code, true)).toContain('What arrived is saved.');
  expect(words(code, false)).not.toContain('arrived');
});
