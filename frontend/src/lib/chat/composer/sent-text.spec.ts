import { expect, it } from 'vitest';
import { sentText } from './sent-text.ts';

it.each([
  ['  Hello  ', '  Hello'],
  ['\n \n    if (a) {\n        b();\n    }\n\n', '    if (a) {\n        b();\n    }'],
  ['\tx', '\tx'],
  [' \n\t\n ', ''],
  ['a\n\nb', 'a\n\nb'],
])('%j is sent as %j', (typed, sent) => expect(sentText(typed)).toBe(sent));

it('is fast with any number of blank lines', () => {
  expect(sentText(`${' '.repeat(50_000)}x`)).toHaveLength(50_001);
  expect(sentText(`${' \n'.repeat(50_000)}x`)).toBe('x');
});
