import { expect, it } from '@jest/globals';
import { pictureType } from './picture-type.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

it.each([
  ['image/png', '\u0089PNG\r\n\u001a\n0000'],
  ['image/jpeg', '\u00ff\u00d8\u00ff\u00e0 JFIF'],
  ['image/webp', 'RIFF\u0010\u0000\u0000\u0000WEBPVP8 '],
  ['image/gif', 'GIF87a..'],
  ['image/gif', 'GIF89a..'],
])('knows %s by its first bytes', (type, text) => expect(pictureType(bytes(text))).toBe(type));

it.each([
  '',
  '\u0089PNG',
  '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  '<?xml version="1.0"?><svg/>',
  '<html>GIF89a',
  'RIFF\u0010\u0000\u0000\u0000WAVEfmt ',
  'BM6000',
])('takes nothing else for a picture: %j', (text) => expect(pictureType(bytes(text))).toBeUndefined());
