import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Turn } from './model-request.js';
import { writePrompt } from './prompt.js';
import { estimateTokens } from './usage/token-estimate.js';
import { scaled } from '../../testing/pace.js';

const user = (text: string): Turn => ({ role: 'user', text });
const assistant = (text: string): Turn => ({ role: 'assistant', text });

async function written(history: readonly Turn[], contextTokens = 1_000, systemPrompt = 'Be brief.'): Promise<string[]> {
  const messages = await writePrompt(history, { systemPrompt, contextTokens });
  return messages.map((message) => `${message.getType()}: ${message.text}`);
}

describe('a prompt', () => {
  test('is the system prompt and the history', async () => {
    expect(await written([user('one'), assistant('two'), user('three')])).toEqual([
      'system: Be brief.',
      'human: one',
      'ai: two',
      'human: three',
    ]);
  });

  test('keeps braces as they are, in the system prompt and in the history', async () => {
    expect(await written([user('{history}')], 1_000, 'Answer as {"json": true}.')).toEqual([
      'system: Answer as {"json": true}.',
      'human: {history}',
    ]);
  });

  test('has no system message when the system prompt is empty', async () => {
    expect(await written([user('one')], 1_000, ' ')).toEqual(['human: one']);
  });

  test('leaves out empty replies', async () => {
    expect(await written([user('one'), assistant(''), user('two')])).toEqual([
      'system: Be brief.',
      'human: one',
      'human: two',
    ]);
  });

  test('that fits is the same as a trimmed one, whichever role comes first', async () => {
    const turn = fc.record({
      role: fc.constantFrom('user' as const, 'assistant' as const),
      text: fc.string({ maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 6 }), fc.nat(80), async (turns, contextTokens) => {
        const history = [...turns, user('last')];
        const prompt = await written(history, contextTokens);
        const spoken = history.filter(({ text }) => text !== '');
        // The longest end of the history that fits and begins with a question; the last one fits always.
        const ends = spoken.map((_turn, index) => spoken.slice(index)).filter(([first]) => first?.role === 'user');
        const system = estimateTokens('Be brief.');
        const fits = (end: readonly Turn[]): boolean =>
          end.reduce((sum, { text }) => sum + estimateTokens(text), system) <= contextTokens;
        const end = ends.find(fits) ?? [user('last')];
        const lines = end.map(({ role, text }) => `${role === 'user' ? 'human' : 'ai'}: ${text}`);
        expect(prompt).toEqual(['system: Be brief.', ...lines]);
      }),
    );
  });

  test('that is too long loses its oldest messages, and begins with a question', async () => {
    const history = Array.from({ length: 100 }, (_, index) => [
      user(`question ${index}`),
      assistant(`answer ${index}`),
    ]).flat();
    const prompt = await written([...history, user('last')], 60);
    expect(prompt[0]).toBe('system: Be brief.');
    expect(prompt[1]).toMatch(/^human: /);
    expect(prompt.at(-1)).toBe('human: last');
    expect(prompt.length).toBeGreaterThan(3);
    expect(prompt.reduce((sum, line) => sum + estimateTokens(line.replace(/^\w+: /, '')), 0)).toBeLessThanOrEqual(60);
  });

  test('keeps the last question even when it alone is too long', async () => {
    expect(await written([user('one'), assistant('two'), user('x'.repeat(500))], 50)).toEqual([
      'system: Be brief.',
      `human: ${'x'.repeat(500)}`,
    ]);
  });

  test('takes little time, however long the conversation is', async () => {
    const history = Array.from({ length: 20_000 }, (_, index) => user(`message ${index}`));
    const before = performance.now();
    await written(history, 10_000);
    expect(performance.now() - before).toBeLessThan(scaled(1_000));
  });
});

test.each([
  ['The quick brown fox jumps over the lazy dog.', 10],
  ['吾輩は猫である。名前はまだ無い。', 16],
])('the estimate for %j errs towards too many tokens', (text, real) => {
  expect(estimateTokens(text)).toBeGreaterThanOrEqual(real);
  expect(estimateTokens(text)).toBeLessThan(real * 3);
});
