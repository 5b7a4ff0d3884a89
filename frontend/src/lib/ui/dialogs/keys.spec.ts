import { expect, it } from 'vitest';
import { isComposing } from './keys.ts';

it.each([
  ['while a word is composed', { isComposing: true, keyCode: 13 }, true],
  ['with which Safari ends a word, when it is composed no more', { isComposing: false, keyCode: 229 }, true],
  ['by itself', { isComposing: false, keyCode: 13 }, false],
])('detects whether the input method handles Enter %s', (_when, event, isOfInputMethod) => {
  expect(isComposing(event as KeyboardEvent)).toBe(isOfInputMethod);
});
