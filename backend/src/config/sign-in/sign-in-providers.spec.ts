import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readSignInProviders } from './sign-in-providers.js';

const team = {
  id: 'team',
  label: 'Team',
  issuer: 'https://id.example.org/realms/team',
  clientId: 'a',
  clientSecret: 'b',
};
const read = (...entries: object[]) => readSignInProviders({ SIGN_IN_PROVIDERS: JSON.stringify(entries) });

describe('SIGN_IN_PROVIDERS', () => {
  it('is empty by default', () => {
    expect(readSignInProviders({})).toEqual({ providers: [], problems: [] });
  });

  it('reads providers of both kinds, with defaults', () => {
    const { providers, problems } = read(
      { ...team, allowedDomains: ['Example.org'], rolesClaim: 'groups', roleMap: { staff: 'user' } },
      { id: 'github', kind: 'github', clientId: 'c', clientSecret: 'd' },
    );
    expect(problems).toEqual([]);
    expect(providers).toMatchObject([
      { kind: 'oidc', scopes: ['openid', 'email', 'profile'], trustEmail: false, allowedDomains: ['example.org'] },
      { kind: 'github', label: 'GitHub', issuer: 'https://github.com', apiUrl: 'https://api.github.com' },
    ]);
    expect(providers[0]).toHaveProperty('roleMap', new Map([['staff', 'user']]));
  });

  it('asks a GitHub Enterprise Server at its own address, and always for openid', () => {
    const { providers } = read(
      { id: 'ghe', kind: 'github', issuer: 'https://git.example.org', clientId: 'c', clientSecret: 'd' },
      { ...team, scopes: ['email'] },
    );
    expect(providers).toMatchObject([{ apiUrl: 'https://git.example.org/api/v3' }, { scopes: ['openid', 'email'] }]);
  });

  it('takes two realms of one host', () => {
    const { problems } = read(team, { ...team, id: 'other', issuer: 'https://id.example.org/realms/other' });
    expect(problems).toEqual([]);
  });

  it.each<[object[], string]>([
    [[{ ...team, id: 'Team!' }], 'SIGN_IN_PROVIDERS: [0].id: takes up to 40 of a-z, 0-9 and -'],
    [[{ ...team, id: 'google' }], 'SIGN_IN_PROVIDERS: [0].id: is taken by the provider of GOOGLE_CLIENT_ID'],
    [[team, { ...team, issuer: 'https://other.example' }], 'SIGN_IN_PROVIDERS: [1].id: team is there twice'],
    [[team, { ...team, id: 'b' }], `SIGN_IN_PROVIDERS: [1].issuer: ${team.issuer} is there twice`],
    [
      [{ ...team, issuer: 'http://id.example.org' }],
      'SIGN_IN_PROVIDERS: [0].issuer: takes https, or an address of this machine',
    ],
    [[{ ...team, roleMap: { staff: 'user' } }], 'SIGN_IN_PROVIDERS: [0].roleMap: needs rolesClaim'],
    [[{ ...team, prompt: 'consent&x=y' }], 'SIGN_IN_PROVIDERS: [0].prompt: takes words such as consent'],
    [
      [{ ...team, formerIssuers: [team.issuer] }],
      `SIGN_IN_PROVIDERS: [0].formerIssuers: ${team.issuer} belongs to another provider`,
    ],
    [
      [
        { ...team, formerIssuers: ['x'] },
        { ...team, id: 'b', issuer: 'https://b.example', formerIssuers: ['y', 'x'] },
      ],
      'SIGN_IN_PROVIDERS: [1].formerIssuers: x belongs to another provider',
    ],
    [
      [{ ...team, icon: 'https://example.org/icon.png' }],
      'SIGN_IN_PROVIDERS: [0].icon: takes an image as a data: URL (png, webp or svg+xml)',
    ],
  ])('refuses %j and says where', (entries, problem) => {
    expect(read(...entries)).toEqual({ providers: [], problems: [problem] });
  });

  it.each([
    [{ ...team, rolesClaim: 'groups', roleMap: { staff: 'boss' } }, /\[0\]\.roleMap\.staff: /],
    [{ ...team, clientSecret: undefined }, /\[0\]\.clientSecret: /],
    [{ id: 'github', kind: 'github', clientId: 'c' }, /\[0\]\.clientSecret: /],
    [{ ...team, label: '' }, /\[0\]\.label: /],
    [{ ...team, trustemail: true }, /trustemail/],
  ])('names the key that is wrong: %j', (entry, problem) => {
    expect(read(entry).problems).toEqual([expect.stringMatching(problem)]);
  });

  it('reads a file, and says which one cannot be read', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'lockstep-providers-')), 'providers.json');
    const fromFile = () => readSignInProviders({ SIGN_IN_PROVIDERS_FILE: file });
    expect(fromFile().problems).toEqual([expect.stringContaining(`SIGN_IN_PROVIDERS_FILE: ${file} cannot be read`)]);
    writeFileSync(file, JSON.stringify([team]));
    expect(fromFile().providers).toHaveLength(1);
    writeFileSync(file, '{');
    expect(fromFile().problems).toEqual([expect.stringContaining('SIGN_IN_PROVIDERS_FILE: takes a JSON list')]);
    const both = readSignInProviders({ SIGN_IN_PROVIDERS: '[]', SIGN_IN_PROVIDERS_FILE: file });
    expect(both.problems).toEqual([expect.stringContaining('set one of them')]);
  });
});
