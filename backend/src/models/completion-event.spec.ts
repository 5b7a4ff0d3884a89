import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CompletionEvent, readEvent } from './completion-event.js';

const said = (document: unknown): Partial<CompletionEvent> | 'done' => readEvent(JSON.stringify(document), undefined);
const delta = (fields: object): object => ({ choices: [{ index: 0, delta: fields, finish_reason: null }] });

describe('an event of a completion', () => {
  test.each<[string, object, Partial<CompletionEvent>]>([
    ['text', delta({ role: 'assistant', content: 'a' }), { text: 'a', isThinking: false, finishReason: undefined }],
    ['a refusal', delta({ content: null, refusal: 'no' }), { text: 'no' }],
    ['nothing yet', delta({ role: 'assistant', content: '' }), { text: '', isThinking: false }],
    ['thoughts', delta({ reasoning_content: 'hm' }), { text: '', isThinking: true }],
    ['thoughts under another name', delta({ reasoning: 'hm' }), { text: '', isThinking: true }],
    ['the reason of the end', { choices: [{ delta: {}, finish_reason: 'stop' }] }, { text: '', finishReason: 'stop' }],
    [
      'the counts',
      { choices: [], usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } },
      { hasChoice: false, usage: { inputTokens: 3, outputTokens: 1 } },
    ],
    ['no counts', { ...delta({ content: 'a' }), usage: null }, { text: 'a', usage: undefined, hasChoice: true }],
    [
      'counts that are none',
      { choices: [], usage: { prompt_tokens: -1 } },
      { usage: { inputTokens: -1, outputTokens: undefined } },
    ],
  ])('may hold %s', (_name, document, expected) => {
    expect(said(document)).toMatchObject(expected);
  });

  test('may be the end marker', () => {
    expect(readEvent('[DONE]', undefined)).toBe('done');
  });

  test.each<[string, string, string | undefined, string]>([
    ['an error object', '{"error":{"type":"rate_limit_error"}}', undefined, 'model_rate_limited'],
    ['an error by its name', '{"message":"boom"}', 'error', 'model_unavailable'],
    ['no JSON', '{', undefined, 'model_bad_response'],
    ['no object', 'null', undefined, 'model_bad_response'],
  ])('may be a failure: %s', (_name, data, name, code) => {
    expect(() => readEvent(data, name)).toThrow(expect.objectContaining({ name: 'ModelError', code }));
  });

  test('is text, a failure or nothing, whatever its fields hold', () => {
    const json = fc.jsonValue();
    const shaped = fc.oneof(
      json,
      fc.record({ choices: json, usage: json }),
      fc.record({ choices: fc.array(fc.record({ delta: json, finish_reason: json })) }),
      fc.record({ choices: fc.tuple(fc.record({ delta: fc.record({ content: json, refusal: json }) })) }),
    );
    fc.assert(
      fc.property(shaped, (document) => {
        try {
          const event = said(document);
          if (event !== 'done') expect(typeof event.text).toBe('string');
        } catch (error) {
          expect(error).toMatchObject({ name: 'ModelError' });
        }
      }),
    );
  });
});
