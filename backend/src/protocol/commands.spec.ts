import { describe, expect, it } from '@jest/globals';
import { commands } from './commands.js';
import { parseStreamName } from './ids.js';
import { MAX_TEXT_BYTES } from './texts.js';

const ID = '019AABCD-0000-7000-8000-0123456789AB';
const send = { clientMessageId: ID, conversationId: ID, text: 'Hi' };
const parse = (payload: unknown) => commands['message:send'].safeParse(payload);

describe('message:send', () => {
  it('takes what the contract says, and folds ids to lower case', () => {
    expect(parse(send).data?.conversationId).toBe(ID.toLowerCase());
  });

  it.each([
    ['an unknown key', { ...send, role: 'system' }],
    ['a missing key', { conversationId: ID, text: 'Hi' }],
    ['an id that is none', { ...send, conversationId: '1 or 1=1' }],
    ['an object instead of an id', { ...send, conversationId: { $ne: null } }],
    ['an empty text', { ...send, text: ' \n' }],
    ['a number instead of text', { ...send, text: 1 }],
    ['half a surrogate pair', { ...send, text: 'a\ud800' }],
    ['a NUL', { ...send, text: 'a\u0000' }],
    ['nothing', undefined],
    ['a list', [send]],
  ])('refuses %s', (_what, payload) => {
    expect(parse(payload).success).toBe(false);
  });

  it('counts the text in bytes', () => {
    expect(parse({ ...send, text: 'ä'.repeat(MAX_TEXT_BYTES / 2) }).success).toBe(true);
    const tooLong = parse({ ...send, text: `${'ä'.repeat(MAX_TEXT_BYTES / 2)}a` });
    expect(tooLong.error?.issues[0]).toMatchObject({ params: { code: 'too_large' } });
  });
});

describe('parseStreamName', () => {
  it('reads the four kinds', () => {
    const id = ID.toLowerCase();
    expect(parseStreamName(`conversation:${id}`)).toEqual({ kind: 'conversation', id });
    expect(parseStreamName(`user:${id}`)).toEqual({ kind: 'user', id });
    expect(parseStreamName('team:user')).toEqual({ kind: 'team', role: 'user' });
    expect(parseStreamName('admin')).toEqual({ kind: 'admin' });
  });

  it.each([
    '',
    'admin:x',
    'user:',
    'team:',
    'team:owner',
    `conversation:${ID}`,
    'conversation:1',
    `#user:${ID.toLowerCase()}`,
  ])('refuses %j', (name) => {
    expect(parseStreamName(name)).toBeUndefined();
  });
});
