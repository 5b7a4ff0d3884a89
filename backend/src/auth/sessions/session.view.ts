import type { SessionView } from '../../protocol/index.js';
import type { Session } from './session.entity.js';

export const viewSession = (session: Session, currentId: string): SessionView => ({
  id: session.id,
  userAgent: session.userAgent,
  createdAt: session.createdAt,
  lastUsedAt: session.lastUsedAt,
  current: session.id === currentId,
});
