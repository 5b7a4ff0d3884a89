import { Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { ChatError } from '../../protocol/index.js';

/** The highest number of reported problems; the first one is usually enough. */
const MAX_ISSUES = 3;

/**
 * Parses every parameter that has a schema, as in `@Body({ schema: bodies.chat })`, before it reaches a handler.
 * @throws ChatError `bad_request` or `too_large`, with the invalid keys in its message
 */
@Injectable()
export class ParsePipe extends StandardSchemaValidationPipe {
  constructor() {
    super({
      exceptionFactory: (issues) => {
        const texts = issues.slice(0, MAX_ISSUES).map(({ path, message }) => {
          const key = path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
          return key ? `${key}: ${message}` : message;
        });
        return new ChatError(issues.some(isTooLarge) ? 'too_large' : 'bad_request', texts.join('; '));
      },
    });
  }
}

/** Zod passes the `params` of a refinement on to the issue. */
function isTooLarge(issue: object): boolean {
  const params = 'params' in issue ? issue.params : undefined;
  return typeof params === 'object' && params !== null && 'code' in params && params.code === 'too_large';
}
