import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { Answer } from '../common/handlers/answers.decorator.js';
import { problem, STATUS_OF } from '../protocol/http/index.js';
import { isLimited } from '../limits/limited-paths.js';
import { LIMIT_HEADERS } from '../limits/rate-limit-headers.js';
import { type ErrorCode, PROTOCOL_VERSION } from '../protocol/index.js';
import { controllers } from './controllers.js';
import { namedSchemas } from './named-schemas.js';
import { exampleProblem, MEANINGS } from './problems.js';
import { readRoutes } from './read-routes.js';
import type { Route, Security } from './route.js';
import { type JsonSchema, SchemaBook } from './schema-book.js';

/** By the first part of the path after `/api`. */
const TAGS: Readonly<Record<string, string>> = {
  auth: 'Sign-in and sessions.',
  profile: 'The profile of the signed-in user.',
  tokens: 'Personal access tokens of the signed-in user, for programs.',
  webhooks: 'Addresses that are told of events.',
  users: 'What is shown of people: their pictures.',
  conversations: 'The conversations of the signed-in user.',
  chat: 'Questions and replies over HTTP, for scripts.',
  v1: 'The API for programs, with the shapes of OpenAI’s API.',
  models: 'The models that the installation offers.',
  budget: 'What the signed-in user may use, and what is left of it.',
  usage: 'Tokens and costs of the signed-in user.',
  admin: 'Administration; for admins only.',
  meta: 'Public information about the installation.',
  health: 'Liveness and readiness, for orchestrators and load balancers.',
  metrics: 'Metrics for Prometheus.',
};

const SECURITY: Readonly<Record<Security, readonly Readonly<Record<string, readonly string[]>>[]>> = {
  anyone: [],
  accessToken: [{ accessToken: [] }],
  refreshCookie: [{ refreshCookie: [] }],
  metricsToken: [{ metricsToken: [] }],
};

const SECURITY_SCHEMES = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The `accessToken` from an exchange or a refresh; valid for ten minutes.',
  },
  personalToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A personal access token, which a user creates on the profile page for a program.',
  },
  refreshCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'lockstep-refresh',
    description: 'Set by the exchange and replaced by each refresh. With HTTPS its name has the prefix `__Host-`.',
  },
  metricsToken: { type: 'http', scheme: 'bearer', description: 'The `METRICS_TOKEN` of the configuration.' },
} as const;

type Headers = Readonly<Record<string, { readonly description: string; readonly schema: { readonly type: 'string' } }>>;

const headersOf = (described: Readonly<Record<string, string>>): Headers =>
  Object.fromEntries(
    Object.entries(described).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

const HEADERS = headersOf({ 'X-Request-Id': 'Identifies the request in the log of the server.' });
const LIMITED_HEADERS = headersOf(LIMIT_HEADERS);
const REFUSED_HEADERS = headersOf({ 'Retry-After': 'Seconds until the next attempt is allowed.' });

/** The headers of every answer of a route with a status. */
const headersAround = (path: string, status: number): Headers => ({
  ...HEADERS,
  ...(isLimited(path) && LIMITED_HEADERS),
  ...(status === STATUS_OF.rate_limited && REFUSED_HEADERS),
});

/** The OpenAPI 3.1 document of every HTTP route. */
export function openApi(): JsonSchema {
  const book = new SchemaBook(namedSchemas);
  const routes = readRoutes(controllers());
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = (paths[route.path.replaceAll(/:(\w+)/g, '{$1}')] ??= {});
    path[route.method.toLowerCase()] = operation(route, book);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lockstep',
      version: String(PROTOCOL_VERSION),
      description: 'The HTTP routes. Live events are sent over Socket.IO, see the AsyncAPI document.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This installation.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: book.components, securitySchemes: SECURITY_SCHEMES },
  };
}

function operation(route: Route, book: SchemaBook): JsonSchema {
  const { security, roles, scopes, parameters, body } = route;
  const who = security === 'accessToken' ? `Roles: ${roles.join(', ')}.${tokensOf(scopes)}` : undefined;
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(who !== undefined && { description: who }),
    tags: [route.path.replace(/^\/(api\/)?/, '').split('/', 1)[0]],
    security: [...SECURITY[security], ...(scopes.length > 0 ? [{ personalToken: [] }] : [])],
    ...(parameters.length > 0 && {
      parameters: parameters.map(({ in: place, name, schema }) => ({
        name,
        in: place,
        required: place === 'path' || !schema.safeParse(undefined).success,
        schema: book.input(schema),
      })),
    }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: book.input(body) } } } }),
    responses: responsesOf(route, book),
  };
}

const tokensOf = (scopes: Route['scopes']): string =>
  scopes.length === 0 ? '' : ` Scopes of personal access tokens: ${scopes.join(', ')}.`;

/** The responses by status; an answer of the route replaces a refusal with the same status. */
function responsesOf({ path, answers, refusals }: Route, book: SchemaBook): JsonSchema {
  const refused = [...refusals].map(([status, codes]) => {
    const headers = headersAround(path, status);
    return [String(status), { headers, ...refusal(status, codes, book) }];
  });
  const answered = Object.entries(answers).map(([status, answer]) => {
    const { headers, ...rest } = response(status, answer, book);
    return [status, { ...rest, headers: { ...headersAround(path, Number(status)), ...(headers as Headers) } }];
  });
  return Object.fromEntries([...refused, ...answered]) as JsonSchema;
}

function response(status: string, answer: Answer, book: SchemaBook): JsonSchema {
  if (answer instanceof z.ZodType) {
    const description = STATUS_CODES[Number(status)] ?? status;
    return { description, headers: {}, content: { 'application/json': { schema: book.output(answer) } } };
  }
  const { says, content, headers } = answer;
  return {
    description: says,
    headers: headersOf(headers ?? {}),
    ...(content && {
      content: Object.fromEntries(
        Object.entries(content).map(([type, schema]) => [type, { schema: book.output(schema) }]),
      ),
    }),
  };
}

function refusal(status: number, codes: readonly ErrorCode[], book: SchemaBook): JsonSchema {
  const isOfHttp = status === 415;
  return {
    description: isOfHttp
      ? 'The body is not JSON (`bad_request`).'
      : codes.map((code) => `\`${code}\`: ${MEANINGS[code]}.`).join(' '),
    content: {
      'application/problem+json': {
        schema: book.output(problem),
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleProblem(code, status) }])),
      },
    },
  };
}
