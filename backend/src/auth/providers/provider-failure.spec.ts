import { expect, it } from '@jest/globals';
import { ProviderFailure, providerKindOf } from './provider-failure.js';

const unreachable = (code: string): ProviderFailure =>
  new ProviderFailure('could not be reached in time', {
    cause: new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }),
  });

it.each([
  ['a name that does not exist', unreachable('ENOTFOUND'), 'provider_misconfigured'],
  ['a certificate that has expired', unreachable('CERT_HAS_EXPIRED'), 'provider_misconfigured'],
  ['a certificate of its own', unreachable('DEPTH_ZERO_SELF_SIGNED_CERT'), 'provider_misconfigured'],
  ['a provider that is away', unreachable('ECONNREFUSED'), 'provider_unavailable'],
  ['a resolver that is away', unreachable('EAI_AGAIN'), 'provider_unavailable'],
  [
    'a deadline',
    new ProviderFailure('late', { cause: new DOMException('late', 'TimeoutError') }),
    'provider_unavailable',
  ],
  [
    'a code within an error of passport',
    { oauthError: new ProviderFailure('no', { status: 401 }) },
    'provider_misconfigured',
  ],
  ['a code that every object has', { code: 'constructor' }, 'provider_error'],
  ['nothing that is known', new Error('odd'), 'provider_error'],
  ['nothing', undefined, 'provider_error'],
])('takes %s for what it is', (_what, error, kind) => expect(providerKindOf(error)).toBe(kind));
