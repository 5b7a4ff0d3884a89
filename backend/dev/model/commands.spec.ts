import { describe, expect, test } from '@jest/globals';
import { readCommand } from './commands.js';
import { titleFor } from './title.js';
import { tokensOf } from './tokens.js';

describe('a command', () => {
  test.each([
    ['Hello', { name: 'answer', tokensPerSecond: 35, question: 'Hello' }],
    ['/unknown thing', { name: 'answer', tokensPerSecond: 35, question: '/unknown thing' }],
    ['/slow Hello', { name: 'answer', tokensPerSecond: 4, question: 'Hello' }],
    ['/count', { name: 'count', upTo: 100, tokensPerSecond: 35 }],
    ['/count 200 50', { name: 'count', upTo: 200, tokensPerSecond: 50 }],
    ['/count 0 -1', { name: 'count', upTo: 1, tokensPerSecond: 1 }],
    ['/error', { name: 'error', status: 500 }],
    ['/error 429', { name: 'error', status: 429 }],
    ['/error 200', { name: 'error', status: 400 }],
    ['/stall', { name: 'stall', afterTokens: 20, question: '' }],
    ['/reset 3 Why?', { name: 'reset', afterTokens: 3, question: 'Why?' }],
    ['/limit 4 Why?', { name: 'limit', afterTokens: 4, question: 'Why?' }],
    ['/long 50 Why?', { name: 'long', sections: 50, tokensPerSecond: 1_000, question: 'Why?' }],
    ['/echo  two\nlines ', { name: 'echo', text: 'two\nlines ', tokensPerSecond: 35 }],
  ])('%j is understood', (message, command) => {
    expect(readCommand(message)).toEqual(command);
  });
});

test('tokens put together are the text', () => {
  const text = '  # Heading\n\n`a_b` — naïve, 日本語 👩‍💻 $x^2$ extraordinarily  \n';
  const tokens = [...tokensOf(text)];
  expect(tokens.join('')).toBe(text);
  expect(tokens.length).toBeGreaterThan(20);
});

test.each([
  ['user: How do I sort a list in Python?\n\nassistant: ...', 'Sort a list in Python'],
  ['user: /fast explain the history of tea in Japan please', 'The history of tea in Japan'],
  ['user: ???', 'New conversation'],
])('the title of %j is made of its words', (conversation, title) => {
  expect(titleFor(conversation)).toBe(title);
});
