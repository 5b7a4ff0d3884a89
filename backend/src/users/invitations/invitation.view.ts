import type { Invitation as InvitationView } from '../../protocol/index.js';
import type { Invitation } from './invitation.entity.js';

export const viewInvitation = (invitation: Invitation): InvitationView => ({
  id: invitation.id,
  email: invitation.email,
  role: invitation.role,
  inviterEmail: invitation.inviterEmail,
  createdAt: invitation.createdAt,
  expiresAt: invitation.expiresAt,
});
