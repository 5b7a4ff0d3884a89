import type { AdminUser, AuditEntry as AuditEntryView, User as UserView } from '../protocol/index.js';
import type { AuditEntry } from './admin/audit-entry.entity.js';
import { picturePath } from './pictures/picture-path.js';
import type { User } from './user.entity.js';

/** A user as the user sees it. */
export const viewUser = (
  user: Pick<User, 'id' | 'email' | 'name' | 'pictureHash' | 'role' | 'preferences' | 'personal' | 'budgetResetsAt'>,
): UserView => ({
  id: user.id,
  email: user.email,
  name: user.name,
  picture: typeof user.pictureHash === 'string' ? picturePath(user.id, user.pictureHash) : null,
  role: user.role,
  preferences: user.preferences,
  ...(user.personal && { personal: user.personal }),
  ...(typeof user.budgetResetsAt === 'number' && { budgetResetsAt: user.budgetResetsAt }),
});

/** A user as admins see it. */
export const viewAdminUser = (user: User, online: boolean): AdminUser => ({
  ...withoutOwn(viewUser(user)),
  disabled: user.disabled,
  online,
  createdAt: user.createdAt,
  lastSeenAt: user.lastSeenAt ?? null,
  roleByProvider: (user.roleIssuer ?? null) !== null,
});

export const viewAuditEntry = (entry: AuditEntry): AuditEntryView => ({
  id: entry.id,
  at: entry.at,
  actorId: entry.actorId ?? null,
  actorEmail: entry.actorEmail ?? null,
  action: entry.action,
  targetId: entry.targetId ?? null,
  targetEmail: entry.targetEmail ?? null,
  address: entry.address ?? null,
  requestId: entry.requestId ?? null,
  detail: entry.detail,
});

const withoutOwn = ({
  personal: _texts,
  budgetResetsAt: _until,
  ...user
}: UserView): Omit<UserView, 'personal' | 'budgetResetsAt'> => user;
