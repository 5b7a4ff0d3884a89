import { isDeepStrictEqual } from 'node:util';
import { pathToRegexp } from 'path-to-regexp';
import { z } from 'zod';
import type { Answer } from '../../src/common/handlers/answers.decorator.js';
import type { Route } from '../../src/contract/route.js';
import { problem } from '../../src/protocol/http/index.js';
import type { ErrorCode } from '../../src/protocol/index.js';
import { programError } from '../../src/protocol/openai/answers.js';
import type { RecordedResponse } from './response-recorder.js';

const PROBLEM = 'application/problem+json';

/** Why an answer does not match the contract of its route; `undefined` if it does. */
export function mismatchOf(routes: readonly Route[], response: RecordedResponse): string | undefined {
  const { method, path, status } = response;
  if (method === 'OPTIONS') return undefined;
  const there = routes.filter((route) => pathToRegexp(route.path).regexp.test(path));
  const route = there.find((one) => one.method === (method === 'HEAD' ? 'GET' : method));
  const reason = route ? reasonAgainst(route, response) : reasonAgainstNothing(there.length > 0, response);
  return reason === undefined ? undefined : `${method} ${path} answered ${status}: ${reason}`;
}

function reasonAgainst({ answers, refusals }: Route, response: RecordedResponse): string | undefined {
  const answer = answers[response.status];
  if (answer) return reasonAgainstAnswer(answer, response);
  const codes = refusals.get(response.status);
  if (!codes) return 'the route does not list this status';
  return reasonAgainstProblem(codes, response);
}

/** For a path without a route, or without one for this method. */
function reasonAgainstNothing(hasOtherMethods: boolean, response: RecordedResponse): string | undefined {
  const { status, type, path } = response;
  if (/^\/v1(\/|$)/.test(path)) {
    const isExpected = hasOtherMethods ? status === 405 : [400, 404, 413, 415].includes(status);
    if (!isExpected) return 'there is no such route';
    return reasonAgainstJson('application/json', programError, response);
  }
  if (hasOtherMethods) return status === 405 ? reasonAgainstProblem(['bad_request'], response) : 'it has to be 405';
  // Bodies are checked before the route is searched; a browser gets the page.
  if (status === 404 && type === 'text/html') return undefined;
  const codes: Readonly<Record<number, ErrorCode>> = {
    404: 'not_found',
    400: 'bad_request',
    413: 'too_large',
    415: 'bad_request',
  };
  const code = codes[status];
  return code ? reasonAgainstProblem([code], response) : 'there is no such route';
}

function reasonAgainstAnswer(answer: Answer, response: RecordedResponse): string | undefined {
  if (answer instanceof z.ZodType) return reasonAgainstJson('application/json', answer, response);
  const { type, body } = response;
  if (!answer.content) {
    // Express adds a body to redirects, in the media type that the client accepts.
    const isRedirect = response.status >= 300 && response.status < 400;
    return body === '' || isRedirect ? undefined : 'it has a body';
  }
  const schema = answer.content[type ?? ''];
  if (!schema) return `${type} is none of ${Object.keys(answer.content).join(', ')}`;
  return type === 'application/json' ? reasonAgainstJson(type, schema, response) : undefined;
}

function reasonAgainstProblem(codes: readonly ErrorCode[], response: RecordedResponse): string | undefined {
  const reason = reasonAgainstJson(PROBLEM, problem, response);
  if (reason !== undefined || response.method === 'HEAD') return reason;
  const { code, status } = problem.parse(JSON.parse(response.body));
  if (!codes.includes(code)) return `the route does not list the code ${code}`;
  return status === response.status ? undefined : `the problem says ${status}`;
}

function reasonAgainstJson(
  wanted: string,
  schema: z.ZodType,
  { method, type, body }: RecordedResponse,
): string | undefined {
  if (type !== wanted) return `${type} is not ${wanted}`;
  if (method === 'HEAD') return undefined;
  const said: unknown = JSON.parse(body);
  const parsed = schema.safeParse(said);
  if (!parsed.success) return z.prettifyError(parsed.error);
  // Clients ignore unknown keys, but this version must not send a key that the contract does not name.
  return isDeepStrictEqual(parsed.data, said) ? undefined : `it has more than its schema: ${body}`;
}
