import { z } from 'zod';

const utf8 = new TextEncoder();

/** The longest text of a message, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 32 * 1024;
export const MAX_NAME_LENGTH = 200;

/** Whether both databases can store a text: PostgreSQL refuses NUL, and a lone surrogate has no encoding in UTF-8. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');

/** Characters that change the direction of the text around them: embeddings, overrides, isolates (Unicode UAX #9). */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/gu;
/** Characters that draw nothing; U+2800 is a braille cell without dots. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Whether a text has at least one visible character. */
export const isVisible = (text: string): boolean => text.replaceAll(INVISIBLE, '') !== '';

/** Removes the characters that change the direction of the text around them. */
export const withoutBidiControls = (text: string): string => text.replaceAll(BIDI_CONTROLS, '');

/** The schema that every text from a client is built on; a test checks all schemas of requests for it. */
export const plainText = z.string().refine(isStorable, { message: 'must be well-formed text without a NUL' });

/** The name of a person or the title of a conversation. It is shown within other text, and must not change that. */
export const shownName = plainText
  .trim()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .refine((name) => withoutBidiControls(name) === name, { message: 'must not change the direction of writing' })
  .refine(isVisible, { message: 'must have a visible character' });

/** The text of a draft: at most 32 KiB of UTF-8, and it may be empty. */
export const draftText = plainText.refine((value) => utf8.encode(value).length <= MAX_TEXT_BYTES, {
  message: `must not be longer than ${MAX_TEXT_BYTES} bytes`,
  params: { code: 'too_large' },
});

/** The text of a message: like `draftText`, but not empty or only white space. */
export const messageText = draftText.refine((value) => value.trim() !== '', { message: 'must not be empty' });

/** The id of a model, as it is written in the configuration. */
export const modelId = plainText.min(1).max(200);
