import { expect, it } from '@jest/globals';
import { providerLabel } from './provider-label.js';

it.each([
  ['Google', 'https://accounts.google.com/o/oauth2/v2/auth', false],
  ['Google', 'http://localhost:3000/local/google/auth', true],
  ['id.example.org', 'https://id.example.org:8443/realms/team/auth', false],
  ['accounts.google.com.evil.example', 'https://accounts.google.com.evil.example/auth', false],
])('is %s for %s', (label, authorizationUrl, isLocal) => {
  expect(providerLabel({ authorizationUrl, isLocal })).toBe(label);
});
