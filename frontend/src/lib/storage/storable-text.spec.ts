import { describe, expect, it } from 'vitest';
import { commands } from '#protocol';
import { storable, storableJson } from './storable-text.ts';

describe('the data that the page sends', () => {
  it('is a draft that the server accepts, whatever was typed', () => {
    const draft = { conversationId: null, text: 'a\ud83d\u0000😀', origin: '019aabcd-0000-7000-8000-0123456789ab' };
    expect(commands['draft:set'].safeParse(draft).success).toBe(false);
    expect(commands['draft:set'].parse(storable(draft))).toEqual({ ...draft, text: 'a\ufffd\ufffd😀' });
  });

  it('keeps everything else as it is', () => {
    const payload = { a: [1, null, 'ä'], b: { c: true, d: undefined } };
    expect(storable(payload)).toEqual({ a: [1, null, 'ä'], b: { c: true } });
    expect(storableJson({ name: '\udc00' })).toBe('{"name":"\ufffd"}');
  });
});
