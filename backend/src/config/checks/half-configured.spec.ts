import { describe, expect, it } from '@jest/globals';
import { isLocalHost } from '../local-address.js';
import { ConfigError, readConfig } from '../read-config.js';

const secret = { APP_SECRET: 'x'.repeat(32) };
const google = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' };
const provider = {
  GOOGLE_AUTHORIZATION_URL: 'https://id.example.org/auth',
  GOOGLE_TOKEN_URL: 'https://id.example.org/token',
  GOOGLE_USERINFO_URL: 'https://id.example.org/userinfo',
};
const without = <T extends object>(all: T, ...names: (keyof T)[]): Partial<T> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name as keyof T))) as Partial<T>;

describe('a half-configured server does not start, because its local provider would let everyone become an admin:', () => {
  it.each<[string, string, NodeJS.ProcessEnv]>([
    ['an id without its secret', 'GOOGLE_CLIENT_SECRET', without(google, 'GOOGLE_CLIENT_SECRET')],
    ['an id with an empty secret', 'GOOGLE_CLIENT_SECRET', { ...google, GOOGLE_CLIENT_SECRET: '' }],
    ['an id with a blank secret', 'GOOGLE_CLIENT_SECRET', { ...google, GOOGLE_CLIENT_SECRET: '  ' }],
    ['a secret without its id', 'GOOGLE_CLIENT_ID', without(google, 'GOOGLE_CLIENT_ID')],
    ['another provider without a client', 'GOOGLE_CLIENT_ID', provider],
    ['one address of another provider without a client', 'GOOGLE_CLIENT_ID', without(provider, 'GOOGLE_TOKEN_URL')],
    [
      'another provider without its token address',
      'GOOGLE_TOKEN_URL',
      { ...google, ...without(provider, 'GOOGLE_TOKEN_URL') },
    ],
    [
      'another provider without its userinfo',
      'GOOGLE_USERINFO_URL',
      { ...google, ...without(provider, 'GOOGLE_USERINFO_URL') },
    ],
    ['an unknown NODE_ENV', 'NODE_ENV', { NODE_ENV: 'prod' }],
  ])('%s', (_what, name, env) => {
    for (const place of [{}, { HOST: '0.0.0.0', PUBLIC_URL: 'https://chat.example.org' }]) {
      const read = () => readConfig({ ...secret, ...place, ...env });
      expect(read).toThrow(ConfigError);
      expect(read).toThrow(name);
    }
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ['every address', { HOST: '0.0.0.0' }],
    ['every address of IPv6', { HOST: '::' }],
    ['an address of the network', { HOST: '192.168.1.20' }],
    ['a name', { HOST: 'chat.lan' }],
    ['a name that begins like this machine', { HOST: '127.0.0.1.example.org' }],
    ['a public address behind a proxy', { PUBLIC_URL: 'https://chat.example.org' }],
    ['a name of the network', { PUBLIC_URL: 'http://chat.lan:3000' }],
    ['a name that begins like this machine, in the browser', { PUBLIC_URL: 'http://localhost.example.org' }],
    ['another account of the local provider', { HOST: '0.0.0.0', ADMIN_EMAILS: 'boss@example.com' }],
  ])('a local provider that others reach by %s', (_what, env) => {
    const read = () => readConfig({ ...secret, ...env });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/(HOST|PUBLIC_URL).*GOOGLE_CLIENT_ID.*GOOGLE_CLIENT_SECRET.*LOCAL_SIGN_IN=network/);
    expect(readConfig({ ...secret, ...env, ...google }).google?.isLocal).toBe(false);
  });

  it('a local provider in production, also where it is wanted for a network', () => {
    const production = {
      ...secret,
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://chat.example.org',
      OPENAI_API_KEY: 'key',
    };
    expect(() => readConfig({ ...production, LOCAL_SIGN_IN: 'network' })).toThrow('GOOGLE_CLIENT_ID');
  });
});

describe('a server starts', () => {
  it.each<NodeJS.ProcessEnv>([
    {},
    { HOST: 'localhost' },
    { HOST: '::1', PUBLIC_URL: 'http://[::1]:3000' },
    { HOST: '127.0.0.2', PUBLIC_URL: 'http://chat.localhost:3000' },
    { PUBLIC_URL: 'http://127.0.0.1:3000' },
  ])('with a local provider for this machine alone: %j', (env) => {
    expect(readConfig({ ...secret, ...env }).google).toMatchObject({ isLocal: true, localReach: 'local' });
  });

  it('with a local provider for a network where that is asked for', () => {
    const env = { HOST: '0.0.0.0', PUBLIC_URL: 'http://chat.lan:3000', LOCAL_SIGN_IN: 'network' };
    expect(readConfig({ ...secret, ...env }).google).toMatchObject({ isLocal: true, localReach: 'network' });
    expect(() => readConfig({ ...secret, LOCAL_SIGN_IN: 'yes' })).toThrow('LOCAL_SIGN_IN');
  });

  it('with Google, and with all of another provider', () => {
    expect(readConfig({ ...secret, ...google, HOST: '0.0.0.0' }).google).toMatchObject({
      authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
      tokenUrl: 'https://oauth2.googleapis.com/token',
    });
    expect(readConfig({ ...secret, ...google, ...provider }).google?.userinfoUrl).toBe(provider.GOOGLE_USERINFO_URL);
  });
});

it.each(['0.0.0.0', '::', '10.0.0.1', '1127.0.0.1', '127.0.0.1.example', 'localhost.example', '', 'notlocalhost'])(
  'takes %j for no address of this machine alone',
  (host) => expect(isLocalHost(host)).toBe(false),
);
