import { dateOf, timeOfDay } from '../../src/clock.js';
import { freePort } from '../../testing/free-port.js';
import { HttpServer } from '../../testing/http-server.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { refuses } from '../../testing/model/script.js';
import { OpenIdProvider } from '../../testing/provider/openid-provider.js';
import { fakeProvider, providers } from './fake-services.js';
import { plainProxy } from './patient.js';
import type { Case, Stage } from './stage.js';

/** Mistakes about the models, the sign-in providers and the proxy. */
export const serviceCases = (stage: Stage): readonly Case[] => [
  [
    'a clock that is wrong',
    async () => {
      const date = dateOf(timeOfDay() + 600_000).toUTCString();
      return { SIGN_IN_PROVIDERS: providers((await stage.kept(fakeProvider({ date }))).url) };
    },
    'clock_wrong',
    /differs from that of 127\.0\.0\.1:\d+ by (599|600|601) s.*NTP/,
  ],
  [
    'a wrong key of the model',
    async () => ({
      OPENAI_API_KEY: 'wrong-key',
      OPENAI_BASE_URL: (await stage.kept(ModelServer.start({ key: 'right' }))).baseUrl,
    }),
    'model_key',
    /127\.0\.0\.1:\d+ does not accept the key for test-model\. Correct OPENAI_API_KEY/,
  ],
  [
    'a model that does not exist',
    async () => ({ OPENAI_BASE_URL: (await stage.kept(ModelServer.start({ models: ['other-model'] }))).baseUrl }),
    'model_unknown',
    /does not know test-model \(404\)\. Correct OPENAI_MODELS/,
  ],
  [
    'an account without credit',
    async () => {
      const model = await stage.kept(ModelServer.start());
      model.otherwise = refuses(429, { code: 'insufficient_quota' });
      return { OPENAI_BASE_URL: model.baseUrl };
    },
    'model_quota',
    /no credit for other-model/,
  ],
  [
    'a model at a closed port',
    async () => ({ OPENAI_BASE_URL: `http://127.0.0.1:${await freePort()}/v1` }),
    'model_unreachable',
    /127\.0\.0\.1:\d+ cannot be reached \(nothing listens there\)/,
  ],
  [
    'a model at a host that does not exist',
    () => ({ OPENAI_BASE_URL: 'http://no-such-host.invalid/v1' }),
    'model_unreachable',
    /no-such-host\.invalid cannot be reached/,
  ],
  ['a package that is not installed', () => ({ OPENAI_MODELS: 'groq:llama' }), 'model_failed', /groq:llama/],
  [
    'another issuer than configured',
    async () => ({
      SIGN_IN_PROVIDERS: providers((await stage.kept(fakeProvider({ issuer: 'https://id.example.org' }))).url),
    }),
    'sign_in_issuer',
    /Team: .*calls itself https:\/\/id\.example\.org/,
  ],
  [
    'a provider that does not run',
    async () => ({ SIGN_IN_PROVIDERS: providers(`http://127.0.0.1:${await freePort()}`) }),
    'sign_in_unreachable',
    /Team: http:\/\/127\.0\.0\.1:\d+\/\.well-known\/openid-configuration cannot be reached/,
  ],
  [
    'a provider without metadata',
    async () => ({ SIGN_IN_PROVIDERS: providers((await stage.kept(fakeProvider({ status: 404 }))).url) }),
    'sign_in_metadata',
    /no valid discovery document \(status 404\)/,
  ],
  [
    'a wrong secret of the sign-in client',
    async () => {
      const provider = await stage.kept(OpenIdProvider.start({ path: '/realm' }));
      return { SIGN_IN_PROVIDERS: JSON.stringify([provider.entry('team', { clientSecret: 'wrong-word' })]) };
    },
    'sign_in_client',
    /Realm team refuses the client \(invalid_client\).*http:\/\/localhost:\d+\/api\/auth\/callback/,
  ],
  [
    'an address that leads elsewhere',
    async () => ({
      PUBLIC_URL: (await stage.kept(HttpServer.start((_request, response) => void response.end('It works!')))).url,
    }),
    'address_elsewhere',
    /^PUBLIC_URL: http:\/\/127\.0\.0\.1:\d+ does not lead to this server \(another program/,
  ],
  [
    'a proxy that passes no WebSockets',
    async () => ({
      PUBLIC_URL: (await stage.kept(plainProxy(() => stage.server.url, { 'x-forwarded-for': '192.0.2.7' }))).url,
    }),
    'web_socket_blocked',
    /WebSockets do not pass at .*Upgrade and Connection/,
  ],
  [
    'a proxy that names no clients',
    async () => ({ PUBLIC_URL: (await stage.kept(plainProxy(() => stage.server.url, {}))).url }),
    'client_address_missing',
    /does not send X-Forwarded-For/,
  ],
];
