import { describe, expect, it } from '@jest/globals';
import { commands } from './commands.js';
import { bodies } from './http/bodies.js';
import { draftText, plainText, shownName } from './texts.js';

describe('plainText', () => {
  it.each(['', ' ', 'ä😀', '\u202e', '\u0001'])('takes %j', (text) => {
    expect(plainText.parse(text)).toBe(text);
  });

  it.each(['\u0000', 'a\u0000b', '\ud800', 'a\udc00b', '\udc00\ud800'])('refuses %j', (text) => {
    expect(plainText.safeParse(text).success).toBe(false);
    expect(draftText.safeParse(text).success).toBe(false);
  });
});

describe('shownName', () => {
  it.each(['Zoë', 'עברית', 'عربي', '👩‍👧', ' a '])('takes %j', (name) => {
    expect(shownName.parse(name)).toBe(name.trim());
  });

  it.each(['', ' ', 'a\u0000', 'a\ud800', 'a\u202eb', '\u2066a\u2069', '\u200b', '\u3164', '\u2800', '\u00ad\ufe0f'])(
    'refuses %j',
    (name) => {
      expect(shownName.safeParse(name).success).toBe(false);
    },
  );

  it('is the name of a person and the title of a conversation', () => {
    const conversationId = '019aabcd-0000-7000-8000-0123456789ab';
    expect(bodies.profile.safeParse({ name: 'a\u202e' }).error?.issues[0]?.path).toEqual(['name']);
    const renamed = { conversationId, title: '\u200b' };
    expect(commands['conversation:update'].safeParse(renamed).error?.issues[0]?.path).toEqual(['title']);
    expect(bodies.conversation.safeParse({ title: '\u200b' }).success).toBe(false);
  });
});
