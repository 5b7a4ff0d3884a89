import { expect, it } from '@jest/globals';
import { isPrivateAddress } from './local-address.js';

it.each([
  ['https://chat.example.org', true],
  ['http://localhost:3000', true],
  ['http://lockstep.localhost', true],
  ['http://127.0.0.1:3000', true],
  ['http://127.8.8.8', true],
  ['http://[::1]:3000', true],
  ['http://chat.lan:3000', false],
  ['http://192.168.1.5:3000', false],
  ['http://localhost.example.org', false],
  ['http://notlocalhost', false],
  ['http://127.0.0.1.example.org', false],
])('detects whether others can read the traffic to %s', (url, isPrivate) => {
  expect(isPrivateAddress(url)).toBe(isPrivate);
});
