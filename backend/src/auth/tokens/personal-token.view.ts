import type { PersonalToken as TokenView } from '../../protocol/index.js';
import type { PersonalToken } from './personal-token.entity.js';

export const viewToken = (token: PersonalToken): TokenView => ({
  id: token.id,
  name: token.name,
  scopes: token.scopes,
  createdAt: token.createdAt,
  expiresAt: token.expiresAt ?? null,
  lastUsedAt: token.lastUsedAt ?? null,
});
