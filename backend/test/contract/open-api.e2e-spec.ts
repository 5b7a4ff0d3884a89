import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import type { Express } from 'express';
import { z } from 'zod';
import { controllers } from '../../src/contract/controllers.js';
import { namedSchemas } from '../../src/contract/named-schemas.js';
import { openApi } from '../../src/contract/open-api.js';
import { readRoutes } from '../../src/contract/read-routes.js';
import { ERROR_CODES } from '../../src/protocol/index.js';
import { TestServer } from '../support/test-server.js';

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, object>>; readonly headers?: Readonly<Record<string, object>> }
    >
  >;
}
interface Document {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

describe('the OpenAPI document', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start()));
  afterAll(() => server[Symbol.asyncDispose]());
  const document = openApi() as unknown as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })),
  );
  const named = (name: string): Operation | undefined => operations.find((operation) => operation.name === name);

  it('has every route of the server', () => {
    const { router } = server.web as Express;
    const real = router.stack.flatMap(({ route }) =>
      // Routes for all methods are middleware, and appear again for the controller.
      !route || route.stack.length > 1
        ? []
        : route.stack.map(({ method }) => `${method.toUpperCase()} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
    expect(real.length).toBeGreaterThan(20);
    expect(operations.map(({ name }) => name).sort()).toEqual([...new Set(real)].sort());
  });

  it('is served unchanged at /api/docs-json', async () => {
    expect(await (await server.fetch('/api/docs-json')).json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('gives each operation a unique id, and describes each tag', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...new Set(operations.flatMap(({ tags }) => tags))].sort()).toEqual(
      document.tags.map(({ name }) => name).sort(),
    );
  });

  it('has the security of each route', () => {
    expect(named('GET /api/meta')?.security).toEqual([]);
    expect(named('GET /api/profile/me')?.security).toEqual([{ accessToken: [] }]);
    expect(named('GET /api/conversations')?.security).toEqual([{ accessToken: [] }, { personalToken: [] }]);
    expect(named('POST /api/auth/refresh')?.security).toEqual([{ refreshCookie: [] }]);
    expect(named('GET /metrics')?.security).toEqual([{ metricsToken: [] }]);
    for (const { security, responses, name } of operations) {
      if (security.some((one) => 'accessToken' in one)) expect([name, ...Object.keys(responses)]).toContain('401');
    }
  });

  it('has the refusals of guards, bodies and parameters', () => {
    const statuses = (name: string): string[] => Object.keys(named(name)?.responses ?? {});
    expect(statuses('GET /health/live')).toEqual(['200', '500']);
    expect(statuses('GET /api/conversations/{id}')).toEqual(['200', '400', '401', '403', '404', '429', '500', '503']);
    expect(statuses('PATCH /api/admin/users/{id}')).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '429',
      '500',
      '503',
    ]);
    expect(named('GET /api/auth/login')?.parameters).toMatchObject([
      { name: 'challenge', in: 'query', required: true },
      { name: 'return', in: 'query', required: false },
      { name: 'provider', in: 'query', required: false },
      { name: 'link', in: 'query', required: false },
    ]);
    expect(Object.keys(named('GET /api/conversations/{id}/export')?.responses['200']?.content ?? {})).toEqual([
      'text/markdown',
      'application/json',
    ]);
  });

  it('has the headers of limits on every answer of a limited route', () => {
    for (const { name, responses } of operations) {
      const isLimited = !/ [/](health|metrics)/.test(name);
      for (const [status, { headers }] of Object.entries(responses)) {
        const names = Object.keys(headers ?? {});
        expect([name, status, names.includes('RateLimit'), names.includes('RateLimit-Policy')]).toEqual([
          name,
          status,
          isLimited,
          isLimited,
        ]);
        expect([name, status, names.includes('Retry-After')]).toEqual([name, status, status === '429']);
      }
    }
  });

  it('closes the list of codes, in one schema', () => {
    expect(document.components.schemas['Problem']).toMatchObject({ properties: { code: { enum: [...ERROR_CODES] } } });
  });

  it('has examples that match its schemas', () => {
    const schemas = new Set<z.ZodType>();
    const visit = (schema: z.ZodType): void => {
      const inner = schema.def as unknown as { readonly element?: z.ZodType; readonly innerType?: z.ZodType };
      const { shape } = schema as { readonly shape?: Readonly<Record<string, z.ZodType>> };
      schemas.add(schema);
      for (const child of [inner.element, inner.innerType, ...Object.values(shape ?? {})]) if (child) visit(child);
    };
    for (const { body, answers } of readRoutes(controllers())) {
      for (const schema of [body, ...Object.values(answers)]) if (schema instanceof z.ZodType) visit(schema);
    }
    const known = [...schemas].flatMap((schema) => {
      const name = namedSchemas.get(schema);
      return name ? [{ ...name, schema }] : [];
    });
    expect(known.length).toBeGreaterThan(20);
    for (const { id, schema, examples } of known) {
      for (const example of examples) expect([id, schema.safeParse(example)]).toMatchObject([id, { data: example }]);
    }
  });

  it('refuses a route without @Answers', () => {
    @Controller('silent')
    class Silent {
      @Get()
      read(): string {
        return '';
      }
    }
    expect(() => readRoutes([Silent])).toThrow('Silent.read has no @Answers');
  });
});
