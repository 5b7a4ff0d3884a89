import { expect, it } from 'vitest';
import { fileNameOf } from './save-file.ts';

it.each([
  ['attachment; filename="Vector-clocks.md"', 'Vector-clocks.md'],
  ['attachment; filename=plain.json', 'plain.json'],
  [`attachment; filename="?.md"; filename*=UTF-8''%C3%9Cber-Uhren.md`, 'Über-Uhren.md'],
  [String.raw`attachment; filename="a \"quoted\" name.md"`, 'a "quoted" name.md'],
  [`attachment; filename="spare.md"; filename*=UTF-8''%E0%A4%A`, 'spare.md'],
  ['attachment', undefined],
  [null, undefined],
])('reads the name of a file from %s', (disposition, name) => {
  expect(fileNameOf(disposition)).toBe(name);
});
