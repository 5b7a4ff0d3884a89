import type { ModulesContainer } from '@nestjs/core';
import type { z } from 'zod';

const ROUTE_ARGUMENTS = '__routeArguments__';

/** A value that a handler gets from a client; `schema` is its schema. */
export interface Input {
  readonly place: string;
  readonly schema: unknown;
}

/** All inputs that the handlers of an application parse: bodies, queries, path parameters, commands. */
export function inputsOf(modules: ModulesContainer): Input[] {
  const inputs: Input[] = [];
  for (const module of modules.values()) {
    for (const { metatype } of [...module.controllers.values(), ...module.providers.values()]) {
      if (typeof metatype !== 'function') continue;
      for (const method of Object.getOwnPropertyNames(metatype.prototype ?? {})) {
        const found = Reflect.getMetadata(ROUTE_ARGUMENTS, metatype, method) as Record<string, object> | undefined;
        for (const [key, argument] of Object.entries(found ?? {})) {
          if ('schema' in argument && argument.schema !== undefined) {
            inputs.push({ place: `${metatype.name}.${method} ${key}`, schema: argument.schema });
          }
        }
      }
    }
  }
  return inputs;
}

/** A schema for one text within another schema. */
export interface TextSchema {
  readonly place: string;
  readonly schema: z.ZodType;
}

/**
 * All schemas for texts within a zod schema, at any depth.
 * @throws Error for an unknown kind of schema: it might contain a text
 */
export function textsIn(schema: z.ZodType, place: string): TextSchema[] {
  const def = schema.def as unknown as Record<string, unknown> & { readonly type: string };
  const inner = (child: unknown, name = ''): TextSchema[] => textsIn(child as z.ZodType, place + name);
  switch (def.type) {
    case 'string':
      return [{ place, schema }];
    case 'object':
      return Object.entries(def['shape'] as object).flatMap(([key, child]) => inner(child, `.${key}`));
    case 'optional':
    case 'nullable':
    case 'default':
    case 'catch':
    case 'readonly':
      return inner(def['innerType']);
    case 'pipe':
      return inner(def['in']);
    case 'array':
      return inner(def['element'], '[]');
    case 'union':
      return (def['options'] as unknown[]).flatMap((child) => inner(child));
    case 'tuple':
      return (def['items'] as unknown[]).flatMap((child, at) => inner(child, `[${at}]`));
    case 'record':
      return [...inner(def['keyType'], '{}'), ...inner(def['valueType'], '{}')];
    case 'number':
    case 'boolean':
    case 'enum':
    case 'literal':
      return [];
    default:
      throw new Error(`${place}: texts within "${def.type}" are not looked for`);
  }
}
