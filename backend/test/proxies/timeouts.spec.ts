import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { environment } from '../../src/config/environment.js';

/** Socket.IO's default interval of pings, which keeps an idle WebSocket open. */
const PING_S = 25;
const KEEP_ALIVE_S = environment.shape.KEEP_ALIVE_MS.parse(undefined) / 1000;

const textOf = (example: string): string => readFileSync(`ops/proxies/${example}`, 'utf8').replaceAll(/^\s*#.*/gm, '');

/** Timeouts that restart with each byte, in seconds. */
const IDLE: readonly (readonly [example: string, pattern: RegExp, count: number])[] = [
  ['nginx.conf', /proxy_(?:read|send)_timeout (\d+)s;/g, 2],
  ['haproxy.cfg', /timeout (?:client|server|tunnel) (\d+)s/g, 3],
  ['apache.conf', /timeout=(\d+)$/gm, 1],
];

/** What would limit a request as a whole, or wait for all of a reply. */
const WHOLE =
  /send_timeout \d+m?s? total|RequestReadTimeout|response_header_timeout|write_timeout|timeout (?:queue|http-)/;

describe('an example in ops/proxies', () => {
  it('lets a connection be silent for longer than Lockstep ever is', () => {
    for (const [example, pattern, count] of IDLE) {
      const seconds = [...textOf(example).matchAll(pattern)].map(([, text]) => Number(text));
      expect([example, seconds.length]).toEqual([example, count]);
      for (const limit of seconds) expect(limit).toBeGreaterThan(Math.max(PING_S, KEEP_ALIVE_S));
    }
  });

  it.each(['nginx.conf', 'Caddyfile', 'haproxy.cfg', 'apache.conf'])(
    'has no limit for a whole reply: %s',
    (example) => {
      expect(textOf(example)).not.toMatch(WHOLE);
    },
  );
});

const duration = z.string().regex(/^\d+(?:ms|s|m|h)$/);
const traefik = z.strictObject({
  entryPoints: z.strictObject({
    web: z.strictObject({
      address: z.literal(':80'),
      http: z.strictObject({
        redirections: z.strictObject({
          entryPoint: z.strictObject({ to: z.literal('websecure'), scheme: z.literal('https') }),
        }),
      }),
    }),
    websecure: z.strictObject({
      address: z.literal(':443'),
      transport: z.strictObject({
        respondingTimeouts: z.strictObject({ readTimeout: duration, writeTimeout: duration }),
      }),
      forwardedHeaders: z.strictObject({ insecure: z.literal(false) }),
    }),
  }),
  certificatesResolvers: z.record(
    z.string(),
    z.strictObject({
      acme: z.strictObject({
        email: z.email(),
        storage: z.string().endsWith('.json'),
        httpChallenge: z.strictObject({ entryPoint: z.string() }),
      }),
    }),
  ),
  providers: z.strictObject({ file: z.strictObject({ filename: z.string() }) }),
});
const named = <T extends z.ZodType>(schema: T) => z.record(z.string(), schema);
const dynamic = z.strictObject({
  http: z.strictObject({
    routers: named(
      z.strictObject({
        rule: z.string().regex(/^Host\(`[^`]+`\)$/),
        entryPoints: z.array(z.string()),
        service: z.string(),
        tls: z.strictObject({ certResolver: z.string() }),
      }),
    ),
    services: named(
      z.strictObject({
        loadBalancer: z.strictObject({
          servers: z.array(z.strictObject({ url: z.url() })).min(1),
          healthCheck: z.strictObject({ path: z.literal('/health/ready'), interval: duration, timeout: duration }),
          responseForwarding: z.strictObject({ flushInterval: duration }),
          serversTransport: z.string(),
        }),
      }),
    ),
    serversTransports: named(
      z.strictObject({
        forwardingTimeouts: z.strictObject({ dialTimeout: duration, responseHeaderTimeout: duration }),
      }),
    ),
  }),
});

// Debian has no Traefik, so it is not run: these are the names and places of its documentation.
describe('the example for Traefik (not run: there is no package of it)', () => {
  const parts: Readonly<Record<'traefik' | 'lockstep', unknown>> = {
    traefik: parse(textOf('traefik.yml')),
    lockstep: parse(textOf('traefik-lockstep.yml')),
  };

  it('has the structure that Traefik 3 documents, and names only what it defines', () => {
    const { entryPoints, certificatesResolvers } = traefik.parse(parts.traefik);
    const { routers, services, serversTransports } = dynamic.parse(parts.lockstep).http;
    for (const { entryPoints: used, service, tls } of Object.values(routers)) {
      for (const name of used) expect(entryPoints).toHaveProperty([name]);
      expect(services).toHaveProperty([service]);
      expect(certificatesResolvers).toHaveProperty([tls.certResolver]);
    }
    for (const { loadBalancer } of Object.values(services)) {
      expect(serversTransports).toHaveProperty([loadBalancer.serversTransport]);
    }
    for (const { acme } of Object.values(certificatesResolvers)) {
      expect(entryPoints).toHaveProperty([acme.httpChallenge.entryPoint]);
    }
  });

  it('limits neither a whole reply nor the time to its first byte', () => {
    const { respondingTimeouts } = traefik.parse(parts.traefik).entryPoints.websecure.transport;
    const { serversTransports } = dynamic.parse(parts.lockstep).http;
    // 0 means none.
    const limits = [
      respondingTimeouts.readTimeout,
      respondingTimeouts.writeTimeout,
      ...Object.values(serversTransports).map(({ forwardingTimeouts }) => forwardingTimeouts.responseHeaderTimeout),
    ];
    for (const limit of limits) expect(limit).toMatch(/^0(?:ms|s|m|h)$/);
  });
});
