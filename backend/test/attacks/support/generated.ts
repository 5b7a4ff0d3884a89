import { ModulesContainer } from '@nestjs/core';
import type { Express } from 'express';
import type { z } from 'zod';
import { DEFAULT_ROLES, IS_PUBLIC, ROLES_ALLOWED } from '../../../src/common/handlers/roles.decorator.js';
import { controllers } from '../../../src/contract/controllers.js';
import { readRoutes } from '../../../src/contract/read-routes.js';
import type { Route } from '../../../src/contract/route.js';
import { commands, type Role } from '../../../src/protocol/index.js';
import { textsIn } from '../../support/input-schemas.js';
import type { TestServer } from '../../support/test-server.js';

/** The metadata of Nest's `@SubscribeMessage`. */
const MESSAGE = 'message';
const CONTROLLER_PATH = 'path';

/** A route of the running server. */
export interface LiveRoute extends Route {
  /** As the tables have it: `GET /api/conversations/:id`. */
  readonly name: string;
}

/** The names of the routes that the running server answers, from Express. */
export function namesOfRoutes(server: TestServer): string[] {
  const { router } = server.web as Express;
  const names = router.stack.flatMap(({ route }) =>
    // Routes for all methods are middleware, and appear again for the controller.
    !route || route.stack.length > 1
      ? []
      : route.stack.map(({ method }) => `${method.toUpperCase()} ${String(route.path)}`),
  );
  return [...new Set(names)].sort();
}

/** Every route, as its decorators describe it. */
export const liveRoutes = (): LiveRoute[] =>
  readRoutes(controllers()).map((route) => ({ ...route, name: `${route.method} ${route.path}` }));

export interface LiveCommand {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly isPublic: boolean;
  readonly payload: z.ZodType | undefined;
}

/** Every command that a gateway of the running server handles, from Nest's own metadata. */
export function liveCommands(server: TestServer): LiveCommand[] {
  const found: LiveCommand[] = [];
  for (const module of server.get(ModulesContainer).values()) {
    for (const { metatype } of module.providers.values()) {
      if (typeof metatype !== 'function' || Reflect.hasMetadata(CONTROLLER_PATH, metatype)) continue;
      const prototype = (metatype.prototype ?? {}) as Readonly<Record<string, object>>;
      for (const key of Object.getOwnPropertyNames(prototype)) {
        const handler = Object.getOwnPropertyDescriptor(prototype, key)?.value as unknown;
        const name: unknown = typeof handler === 'function' ? Reflect.getMetadata(MESSAGE, handler) : undefined;
        if (typeof name !== 'string' || typeof handler !== 'function') continue;
        const said = (what: string): unknown =>
          Reflect.getMetadata(what, handler) ?? (Reflect.getMetadata(what, metatype) as unknown);
        found.push({
          name,
          roles: (said(ROLES_ALLOWED) as readonly Role[] | undefined) ?? DEFAULT_ROLES,
          isPublic: said(IS_PUBLIC) === true,
          payload: (commands as Readonly<Record<string, z.ZodType>>)[name],
        });
      }
    }
  }
  return found;
}

/** The keys of all UUIDs in a schema: `leafId`, `access.userIds[]`. */
export const idsIn = (schema: z.ZodType): string[] =>
  textsIn(schema, '')
    .filter(({ schema: { def } }) => 'format' in def && def.format === 'uuid')
    .map(({ place }) => place.replace(/^\./, ''));

/** The keys of all ids that a route takes. */
export const idsOf = ({ parameters, body }: Pick<Route, 'parameters' | 'body'>): string[] => [
  ...parameters.flatMap(({ name, in: place, schema }) => {
    // A query may have values of any type, which are no ids.
    const isId = (place === 'path' && name === 'id') || isUuid(schema);
    return isId ? [name] : [];
  }),
  ...(body ? idsIn(body) : []),
];

function isUuid({ def }: z.ZodType): boolean {
  if ('innerType' in def) return isUuid(def.innerType as z.ZodType);
  return 'format' in def && def.format === 'uuid';
}
