import { RequestMethod } from '@nestjs/common';
import { GUARDS_METADATA, METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { z } from 'zod';
import { ANSWERS, type AnswersMetadata } from '../common/handlers/answers.decorator.js';
import { DEFAULT_ROLES, IS_PUBLIC, ROLES_ALLOWED, SCOPES_ALLOWED } from '../common/handlers/roles.decorator.js';
import type { Role, TokenScope } from '../protocol/index.js';
import type { Controller } from './controllers.js';
import { byStatus, refusalsAround } from './refusals.js';
import type { Parameter, Route } from './route.js';

/** Nest's numbers for the parameters of handlers (`RouteParamtypes`, which it does not export). */
const BODY = '3';
const QUERY = '4';

interface Argument {
  readonly data?: unknown;
  readonly schema?: z.ZodType;
}

/**
 * Reads the routes of controllers from their decorators.
 * @throws Error for a handler without `@Answers`
 */
export const readRoutes = (controllers: readonly Controller[]): readonly Route[] =>
  controllers.flatMap((controller) => {
    const handlers = controller.prototype as Readonly<Record<string, object>>;
    return Object.getOwnPropertyNames(handlers).flatMap((name) => {
      const handler = name === 'constructor' ? undefined : handlers[name];
      const method = handler && (Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined);
      return handler && method !== undefined ? readRoute(controller, name, handler, RequestMethod[method]) : [];
    });
  });

function readRoute(controller: Controller, name: string, handler: object, method: string): Route {
  const answers = Reflect.getMetadata(ANSWERS, handler) as AnswersMetadata | undefined;
  if (!answers) throw new Error(`${controller.name}.${name} has no @Answers`);
  const path = ['', ...partsOf(controller), ...partsOf(handler)].join('/');
  const guards = [controller, handler].flatMap(guardsOf);
  const isPublic = said(IS_PUBLIC, controller, handler) === true;
  const roles = (said(ROLES_ALLOWED, controller, handler) as readonly Role[] | undefined) ?? DEFAULT_ROLES;
  const { parameters, body } = readInputs(controller, name, answers.query);
  const hasInput = parameters.length > 0 || body !== undefined;
  const around = refusalsAround({ method, path, isPublic, hasInput, guards });
  return {
    method,
    path,
    operationId: `${controller.name.replace(/Controller$/, '').toLowerCase()}${name[0]?.toUpperCase()}${name.slice(1)}`,
    summary: answers.summary,
    security: answers.security ?? (isPublic ? 'anyone' : 'accessToken'),
    roles: isPublic ? [] : roles,
    scopes: (said(SCOPES_ALLOWED, controller, handler) as readonly TokenScope[] | undefined) ?? [],
    parameters,
    body,
    answers: answers.answers,
    refusals: byStatus([...around, ...(answers.refuses ?? [])]),
  };
}

function readInputs(controller: Controller, name: string, query: z.ZodObject | undefined) {
  const found = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) as
    Readonly<Record<string, Argument>> | undefined;
  const parameters: Parameter[] = query ? queryParameters(query) : [];
  let body: z.ZodType | undefined;
  for (const [key, { data, schema }] of Object.entries(found ?? {})) {
    const kind = key.split(':', 1)[0];
    if (!schema) continue;
    if (kind === BODY) body = schema;
    else if (kind === QUERY && schema instanceof z.ZodObject) parameters.push(...queryParameters(schema));
    else parameters.unshift({ in: 'path', name: String(data), schema });
  }
  return { parameters, body };
}

const queryParameters = (query: z.ZodObject): Parameter[] =>
  Object.entries(query.shape).map(([name, schema]) => ({ in: 'query', name, schema: schema as z.ZodType }));

const guardsOf = (target: object): readonly object[] =>
  (Reflect.getMetadata(GUARDS_METADATA, target) as readonly object[] | undefined) ?? [];

const partsOf = (target: object): string[] =>
  ((Reflect.getMetadata(PATH_METADATA, target) as string | undefined) ?? '').split('/').filter((part) => part !== '');

/** Reads metadata like the guards do: that of the handler takes precedence over that of its class. */
const said = (key: string, controller: Controller, handler: object): unknown =>
  Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, controller);
