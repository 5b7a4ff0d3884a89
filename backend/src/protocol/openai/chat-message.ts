import { z } from 'zod';
import { plainText } from '../texts.js';
import { unsupported } from './unsupported.js';

const ROLES = ['system', 'developer', 'user', 'assistant'] as const;

/** A part of a content. Other kinds than text have their own keys, which are not read. */
const part = z.object({ type: plainText, text: plainText.optional() }).superRefine(({ type, text }, context) => {
  if (type !== 'text') {
    context.addIssue({ code: 'custom', path: ['type'], message: `content of the type ${type} is not supported` });
  } else if (text === undefined) {
    context.addIssue({ code: 'custom', path: ['text'], message: 'is missing' });
  }
});

/** A message of a request, with its content as one text. */
export const chatMessage = z
  .strictObject(
    {
      role: z.enum(ROLES),
      content: z.union([plainText, z.array(part)]).nullish(),
      name: plainText.max(64).nullish(),
      // As in an answer of this API, which programs send back.
      refusal: plainText.nullish(),
    },
    { error: unsupported },
  )
  .superRefine(({ role, content }, context) => {
    if ((content === null || content === undefined) && role !== 'assistant') {
      context.addIssue({ code: 'custom', path: ['content'], message: 'is missing' });
    }
  })
  .transform(({ role, content }) => ({ role, content: textOf(content) }));

const textOf = (content: string | { text?: string | undefined }[] | null | undefined): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('\n');
