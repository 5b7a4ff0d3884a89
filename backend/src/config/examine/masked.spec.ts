import { expect, it } from '@jest/globals';
import { environment } from '../environment.js';
import { isSecretName, maskedValue, redactor, secretsIn } from './masked.js';

it.each([
  ['APP_SECRET', 'word', '***'],
  ['ANTHROPIC_API_KEY', 'word', '***'],
  ['SIGN_IN_PROVIDERS', '[]', '***'],
  ['DATABASE_URL', 'postgresql://ada:pass-word@db/chat', 'postgresql://ada:***@db/chat'],
  ['DATABASE_URL', 'postgresql://ada:p%40ss@db/chat', 'postgresql://ada:***@db/chat'],
  ['DATABASE_URL', 'postgresql://ada:pass#word@db/chat', 'postgresql://ada:***@db/chat'],
  ['DATABASE_URL', 'postgresql://db/chat?user=ada&password=pass-word', 'postgresql://db/chat?user=ada&password=***'],
  ['REDIS_URL', 'redis://:pass-word@cache:6379', 'redis://:***@cache:6379'],
  ['PUBLIC_URL', 'https://chat.example.org', 'https://chat.example.org'],
  ['PORT', '3000', '3000'],
])('shows %s=%s as %s', (name, value, shown) => expect(maskedValue(name, value)).toBe(shown));

it('masks every variable whose name speaks of a secret, unless it is the path of a file or a number', () => {
  const SPEAKS = /SECRET|KEY|TOKEN|PASSWORD|HEADERS/;
  const shown = Object.keys(environment.shape).filter((name) => SPEAKS.test(name) && !isSecretName(name));
  expect(shown.filter((name) => !/_(FILE|URL|MS|TOKENS)$/.test(name))).toEqual([]);
});

it('removes every secret from sentences of other programs', () => {
  const redact = redactor(
    secretsIn({
      OPENAI_API_KEY: 'sk-long-key',
      SIGN_IN_PROVIDERS: '[{"clientSecret": "client-word"}]',
      REDIS_URL: 'redis://:p%40ss-word@h',
      PORT: '3000',
    }),
  );
  expect(redact('sk-long-key is wrong; client-word; p@ss-word and p%40ss-word; 3000')).toBe(
    '*** is wrong; ***; *** and ***; 3000',
  );
});
