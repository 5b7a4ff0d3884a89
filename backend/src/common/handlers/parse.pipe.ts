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
        const texts = issues.slice(0, MAX_ISSUES).map((issue) => {
          const key = pathOf(issue);
          return key ? `${key}: ${issue.message}` : issue.message;
        });
        const param = issues[0] && keyOf(issues[0]);
        return new ChatError(issues.some(isTooLarge) ? 'too_large' : 'bad_request', texts.join('; '), { param });
      },
    });
  }
}

type Issue = Parameters<NonNullable<StandardSchemaOptions['exceptionFactory']>>[0][number];
type StandardSchemaOptions = NonNullable<ConstructorParameters<typeof StandardSchemaValidationPipe>[0]>;

const pathOf = ({ path = [] }: Issue): string =>
  path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');

/** The key that is wrong; zod has unknown keys apart from the path of their object. */
function keyOf(issue: Issue): string | undefined {
  const unknown = 'keys' in issue && Array.isArray(issue.keys) ? String(issue.keys[0]) : '';
  return [pathOf(issue), unknown].filter((part) => part !== '').join('.') || undefined;
}

/** Zod passes the `params` of a refinement on to the issue. */
function isTooLarge(issue: object): boolean {
  const params = 'params' in issue ? issue.params : undefined;
  return typeof params === 'object' && params !== null && 'code' in params && params.code === 'too_large';
}
