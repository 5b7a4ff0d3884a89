import { z } from 'zod';

const utf8 = new TextEncoder();

/** The longest text of a message, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 32 * 1024;
export const MAX_NAME_LENGTH = 200;

/** Whether both databases can keep a text: PostgreSQL has no NUL, and half a surrogate pair has no UTF-8. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');

/** What turns the text around it, in the eyes of its reader: embeddings, overrides and isolates of a direction. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/gu;
/** What leaves no mark on a screen; U+2800 is a braille cell without dots. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Whether anything of a text can be seen. */
export const isVisible = (text: string): boolean => text.replaceAll(INVISIBLE, '') !== '';

/** A text without what turns its surroundings around. */
export const withoutBidiControls = (text: string): string => text.replaceAll(BIDI_CONTROLS, '');

/** Every text from outside is made of this one, however short or harmless it looks: a test looks at each schema. */
export const plainText = z.string().refine(isStorable, { message: 'must be well-formed text without a NUL' });

/** The name of a person or a conversation, as others see it beside their own words. */
export const shownName = plainText
  .trim()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .refine((name) => withoutBidiControls(name) === name, { message: 'must not change the direction of writing' })
  .refine(isVisible, { message: 'must have a visible character' });

/** What stands in a composer: up to 32 KiB, otherwise free. */
export const draftText = plainText.refine((value) => utf8.encode(value).length <= MAX_TEXT_BYTES, {
  message: `must not be longer than ${MAX_TEXT_BYTES} bytes`,
  params: { code: 'too_large' },
});

/** What a message says: as `draftText`, but not empty. */
export const messageText = draftText.refine((value) => value.trim() !== '', { message: 'must not be empty' });

/** The id of a model, as the operator has written it. */
export const modelId = plainText.min(1).max(200);
