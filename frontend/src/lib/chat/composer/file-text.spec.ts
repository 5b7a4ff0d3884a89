import { expect, it } from 'vitest';
import { MAX_TEXT_BYTES } from '#protocol';
import { readFiles } from './file-text.ts';

const file = (name: string, content: string | Uint8Array<ArrayBuffer>, type = ''): File =>
  new File([content], name, { type });

it('takes prose as it is, and code as a block that keeps its lines', async () => {
  const { text, refused } = await readFiles([file('notes.txt', 'One.\r\nTwo.\n'), file('a.ts', 'const a = 1;\n')]);
  expect(text).toBe('One.\nTwo.\n\na.ts:\n```ts\nconst a = 1;\n```');
  expect(refused).toEqual([]);
});

it('puts a longer fence around code that has fences of its own', async () => {
  expect((await readFiles([file('a.sh', 'cat <<X\n````\nX')])).text).toBe('a.sh:\n`````sh\ncat <<X\n````\nX\n`````');
});

it('refuses files without text, whatever their names are, and keeps the others', async () => {
  const image = file('photo.png', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff]), 'image/png');
  const disguised = file('photo.txt', new Uint8Array([0, 1, 2]), 'text/plain');
  const read = await readFiles([image, file('a.txt', 'text'), disguised]);
  expect(read).toEqual({ text: 'text', refused: ['photo.png', 'photo.txt'], tooLong: [] });
});

it('distinguishes a text that is too long from a file that is not text', async () => {
  const long = 'a'.repeat(MAX_TEXT_BYTES + 1);
  const read = await readFiles([file('long.csv', long, 'text/csv'), file('film.mp4', long, 'video/mp4')]);
  expect(read).toEqual({ text: '', refused: ['film.mp4'], tooLong: ['long.csv'] });
});
