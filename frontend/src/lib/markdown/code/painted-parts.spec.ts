import { expect, it } from 'vitest';
import { highlighter } from './highlighter.ts';
import { paintedParts } from './painted-parts.ts';

const CODE = Array.from({ length: 60 }, (_, at) => `/* a comment\n   of ${at} lines */ const a = "<b>";`).join('\n');

it('are balanced HTML each, and together the whole code', () => {
  const html = highlighter.html(CODE, 'js');
  const parts = paintedParts(CODE, html, 300) ?? [];
  expect(parts.length).toBeGreaterThan(20);
  let from = 0;
  for (const part of parts) {
    expect(part.html.match(/<span/g)?.length).toBe(part.html.match(/<\/span/g)?.length);
    const text = part.html
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>');
    expect(text.replaceAll('&quot;', '"')).toBe(CODE.slice(from, part.end).replace(/\n$/, ''));
    from = part.end;
  }
  expect(from).toBe(CODE.length);
});

it('are undefined when a line is too long to be inserted at once', () => {
  const code = '{"a": [1, "b"]}, '.repeat(1_000);
  expect(paintedParts(code, highlighter.html(code, 'json'), 8_000)).toBeUndefined();
});
