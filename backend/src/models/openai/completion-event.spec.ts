import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CompletionEvent, readEvent } from './completion-event.js';

const said = (document: unknown): Partial<CompletionEvent> | 'done' | 'nothing' =>
  readEvent(JSON.stringify(document), undefined);
const delta = (fields: object): object => ({ choices: [{ index: 0, delta: fields, finish_reason: null }] });

describe('an event of a completion', () => {
  test.each<[string, object, Partial<CompletionEvent>]>([
    ['text', delta({ role: 'assistant', content: 'a' }), { text: 'a', isWhole: false, finishReason: undefined }],
    ['a refusal', delta({ content: null, refusal: 'no' }), { text: 'no' }],
    ['nothing yet', delta({ role: 'assistant', content: '' }), { text: '', hasChoice: true }],
    ['thoughts', delta({ reasoning_content: 'hm' }), { text: '' }],
    ['thoughts under another name', delta({ reasoning: 'hm', content: null }), { text: '' }],
    ['parts', delta({ content: [{ type: 'text', text: '4' }, '2'] }), { text: '42' }],
    ['one part', delta({ content: { type: 'output_text', text: '4' } }), { text: '4' }],
    [
      'thoughts among its parts',
      delta({
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
          { type: 'text', text: 'so' },
        ],
      }),
      { text: 'so' },
    ],
    [
      'a whole message',
      { choices: [{ message: { content: 'a' }, finish_reason: 'stop' }] },
      { text: 'a', isWhole: true },
    ],
    [
      'a piece beside the message so far',
      { choices: [{ delta: { content: 'b' }, message: { content: 'ab' } }] },
      { text: 'b' },
    ],
    ['text as completions had it', { choices: [{ text: 'a' }] }, { text: 'a' }],
    [
      'a choice that was not requested',
      { choices: [{ index: 1, delta: { content: 'b' } }] },
      { text: '', hasChoice: false },
    ],
    [
      'several choices',
      {
        choices: [
          { index: 1, delta: { content: 'b' } },
          { index: 0, delta: { content: 'a' } },
        ],
      },
      { text: 'a' },
    ],
    ['an error that is none', { error: {}, choices: [{ delta: { content: 'a' }, error: null }] }, { text: 'a' }],
    ['no choice but a null', { choices: [null] }, { text: '', hasChoice: false }],
    ['a reason that is none', { choices: [{ delta: {}, finish_reason: 'null' }] }, { finishReason: undefined }],
    [
      'counts in its choice',
      { choices: [{ delta: {}, usage: { prompt_tokens: 3, completion_tokens: 1 } }] },
      { usage: { inputTokens: 3, outputTokens: 1 } },
    ],
    [
      'counts of thoughts beside those of words',
      {
        choices: [],
        usage: {
          prompt_tokens: 12,
          completion_tokens: 1,
          total_tokens: 303,
          completion_tokens_details: { reasoning_tokens: 290 },
        },
      },
      { usage: { inputTokens: 12, outputTokens: 291 } },
    ],
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
    expect(readEvent(' [DONE] ', 'done')).toBe('done');
  });

  test.each<[string, string | undefined]>([
    ['ping', 'ping'],
    ['[PING]', undefined],
    ['{"type":"ping"}', 'ping'],
    ['null', undefined],
    ['1', undefined],
    ['', undefined],
  ])('may be no part of the answer: %j', (data, name) => {
    expect(readEvent(data, name)).toBe('nothing');
  });

  test.each<[string, string, string | undefined, string]>([
    ['an error object', '{"error":{"type":"rate_limit_error"}}', undefined, 'model_rate_limited'],
    ['an error by its name', '{"message":"boom"}', 'error', 'model_unavailable'],
    ['no JSON', '{', undefined, 'model_bad_response'],
    ['an error in plain words', 'overloaded', 'error', 'model_unavailable'],
    ['an error as a sentence', '{"error":"boom"}', undefined, 'model_unavailable'],
    ['a list of errors', '[{"error":{"code":401,"status":"UNAUTHENTICATED"}}]', undefined, 'model_auth'],
    ['an error in its choice', '{"choices":[{"delta":{},"error":{"code":429}}]}', undefined, 'model_rate_limited'],
    ['a bare error', '{"object":"error","message":"no","code":400}', undefined, 'model_bad_response'],
    ['a detail', '{"detail":"Unauthorized","status":401}', undefined, 'model_auth'],
  ])('may be a failure: %s', (_name, data, name, code) => {
    expect(() => readEvent(data, name)).toThrow(expect.objectContaining({ name: 'ModelError', code }));
  });

  test('is text, a failure or nothing, whatever its fields contain', () => {
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
          if (typeof event === 'object') expect(typeof event.text).toBe('string');
        } catch (error) {
          expect(error).toMatchObject({ name: 'ModelError' });
        }
      }),
    );
  });
});
