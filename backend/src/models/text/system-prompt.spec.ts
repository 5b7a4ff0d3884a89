import { expect, it } from '@jest/globals';
import { systemPromptOf } from './system-prompt.js';

const models = { systemPrompt: 'The usual.' };
const about = '# About the user\n\nThe user wrote this about themselves:\n\nI am a nurse.';
const replies = '# How replies should be\n\nThe user wrote this about the replies that they want:\n\nShort.';

it.each([
  ['that of the installation', undefined, 'The usual.'],
  ['that of the conversation', { systemPrompt: 'Verse.' }, 'Verse.'],
  ['nothing, if the conversation wants none', { systemPrompt: '' }, ''],
  [
    'and sections of the user',
    { personal: { about: 'I am a nurse.', replies: 'Short.' } },
    `The usual.\n\n${about}\n\n${replies}`,
  ],
  ['and one section', { systemPrompt: 'Verse.', personal: { replies: 'Short.' } }, `Verse.\n\n${replies}`],
  ['sections alone', { systemPrompt: ' ', personal: { about: 'I am a nurse.', replies: ' ' } }, about],
])('the system prompt is %s', (_what, settings, prompt) => expect(systemPromptOf(settings, models)).toBe(prompt));
