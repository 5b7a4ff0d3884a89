import { expect, it } from 'vitest';
import { addressAdvice } from './sign-in-address.ts';

it.each([
  ['http://localhost:3000', 'http://localhost:3000', false, 'stay'],
  ['http://localhost:3000', 'http://localhost:3000', true, 'stay'],
  ['http://127.0.0.1:3000', 'http://localhost:3000', false, 'send'],
  ['http://10.0.0.5:3000', 'https://chat.example.org', false, 'send'],
  ['http://chat.example.org', 'https://chat.example.org', false, 'send'],
  ['http://localhost:3000', 'https://chat.example.org', false, 'send'],
  ['https://example.org', 'https://www.example.org', true, 'say'],
  ['http://chat.lan:3000', 'http://localhost:3000', false, 'say'],
  ['http://192.168.1.5:3000', 'http://127.0.0.1:3000', false, 'say'],
])('at %s, with sign-in at %s (sent before: %s): %s', (here, publicUrl, wasSent, advice) => {
  expect(addressAdvice(here, publicUrl, wasSent)).toBe(advice);
});
