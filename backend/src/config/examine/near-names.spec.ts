import { expect, it } from '@jest/globals';
import { nearName } from './near-names.js';
import { KNOWN_NAMES } from './setting-list.js';

it.each([
  ['OPENAI_API_KYE', 'OPENAI_API_KEY'],
  ['OPENAI_MODEL', 'OPENAI_MODELS'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['PUBLIC_ULR', 'PUBLIC_URL'],
  ['TRUSTED_PROXY', undefined],
  ['public_url', 'PUBLIC_URL'],
  ['PROT', undefined],
  ['PORTT', 'PORT'],
  ['HOME', undefined],
  ['PATH', undefined],
  ['HOSTNAME', undefined],
  ['ANTHROPIC_API_KEY', undefined],
])('%s was probably meant to be %s', (name, meant) => expect(nearName(name, KNOWN_NAMES)).toBe(meant));
