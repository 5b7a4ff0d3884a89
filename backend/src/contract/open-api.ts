import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { Answer } from '../common/handlers/answers.decorator.js';
import { problem } from '../protocol/http/index.js';
import { type ErrorCode, PROTOCOL_VERSION } from '../protocol/index.js';
import { controllers } from './controllers.js';
import { namedSchemas } from './named-schemas.js';
import { exampleProblem, MEANINGS } from './problems.js';
import { readRoutes } from './read-routes.js';
import type { Route, Security } from './route.js';
import { type JsonSchema, SchemaBook } from './schema-book.js';

/** By the first part of the path behind `/api`. */
const TAGS: Readonly<Record<string, string>> = {
  auth: 'Signing in, step by step, and the sessions of a person.',
  profile: 'What a person may know and change of themselves.',
  conversations: 'A person’s own conversations.',
  chat: 'A question and its reply, for programs.',
  models: 'The models that may be asked.',
  usage: 'What a person has used.',
  admin: 'For admins alone.',
  meta: 'What anyone may know of this installation.',
  health: 'For what watches the process.',
  metrics: 'Numbers for Prometheus.',
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
    description: 'The `accessToken` of an exchange or a refresh, good for ten minutes.',
  },
  refreshCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'lockstep-refresh',
    description: 'Set by the exchange, changed by each refresh. Under https its name begins with `__Host-`.',
  },
  metricsToken: { type: 'http', scheme: 'bearer', description: '`METRICS_TOKEN` of the configuration.' },
} as const;

const HEADERS = {
  'X-Request-Id': { description: 'Leads to the lines of the log.', schema: { type: 'string' } },
};

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
      description: 'HTTP routes; what happens live comes over Socket.IO, see the AsyncAPI document.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This installation.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: book.components, securitySchemes: SECURITY_SCHEMES },
  };
}

function operation(route: Route, book: SchemaBook): JsonSchema {
  const { security, roles, parameters, body } = route;
  const who = security === 'accessToken' ? `For ${roles.join(', ')}.` : undefined;
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(who !== undefined && { description: who }),
    tags: [route.path.replace(/^\/(api\/)?/, '').split('/', 1)[0]],
    security: SECURITY[security],
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

/** An answer of the route's own goes before a refusal of the same status. */
function responsesOf({ answers, refusals }: Route, book: SchemaBook): JsonSchema {
  const refused = [...refusals].map(([status, codes]) => [String(status), refusal(status, codes, book)]);
  const answered = Object.entries(answers).map(([status, answer]) => [status, response(status, answer, book)]);
  return Object.fromEntries([...refused, ...answered]) as JsonSchema;
}

function response(status: string, answer: Answer, book: SchemaBook): JsonSchema {
  if (answer instanceof z.ZodType) {
    const description = STATUS_CODES[Number(status)] ?? status;
    return { description, headers: HEADERS, content: { 'application/json': { schema: book.output(answer) } } };
  }
  const { says, content, headers } = answer;
  const described = Object.entries(headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return {
    description: says,
    headers: { ...HEADERS, ...(Object.fromEntries(described) as JsonSchema) },
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
      ? 'The body is no JSON (`bad_request`).'
      : codes.map((code) => `\`${code}\`: ${MEANINGS[code]}.`).join(' '),
    headers: HEADERS,
    content: {
      'application/problem+json': {
        schema: book.output(problem),
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleProblem(code, status) }])),
      },
    },
  };
}
