/** The kinds of pictures that are stored. SVG is missing on purpose: it is a document that can contain scripts. */
export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

/** The kind of a picture by its first bytes, whatever the provider calls it; `undefined` for anything else. */
export function pictureType(bytes: Buffer): PictureType | undefined {
  const starts = (text: string, at = 0): boolean => bytes.toString('latin1', at, at + text.length) === text;
  if (starts('\u0089PNG\r\n\u001a\n')) return 'image/png';
  if (starts('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (starts('RIFF') && starts('WEBP', 8)) return 'image/webp';
  return starts('GIF87a') || starts('GIF89a') ? 'image/gif' : undefined;
}
