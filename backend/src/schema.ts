import type { EntityClass } from '@mikro-orm/core';
import { LoginCode } from './auth/sign-in/login-code.entity.js';
import { Session } from './auth/sessions/session.entity.js';
import { PersonalToken } from './auth/tokens/personal-token.entity.js';
import { UsedState } from './auth/sign-in/used-state.entity.js';
import { BudgetRow } from './chat/budgets/budget.entity.js';
import { Conversation } from './chat/conversations/conversation.entity.js';
import { Draft } from './chat/drafts/draft.entity.js';
import { Message } from './chat/messages/message.entity.js';
import { QueuedMessage } from './chat/queue/queued-message.entity.js';
import { Run } from './chat/runs/run.entity.js';
import { UnkeptRun } from './chat/unkept/unkept-run.entity.js';
import { UsageEntry } from './chat/usage/usage-entry.entity.js';
import { Meta } from './database/meta.entity.js';
import { RateLimit } from './limits/rate-limit.entity.js';
import { JournalRow, StreamEventRow, StreamHead } from './streams/stream.entities.js';
import { Announcement } from './team/announcements/announcement.entity.js';
import { DismissedAnnouncement } from './team/announcements/dismissed-announcement.entity.js';
import { ModelAccessRow } from './team/models/model-access.entity.js';
import { AuditEntry } from './users/admin/audit-entry.entity.js';
import { Identity } from './users/identity.entity.js';
import { Invitation } from './users/invitations/invitation.entity.js';
import { Picture } from './users/pictures/picture.entity.js';
import { PresenceRow } from './users/presence/presence.entity.js';
import { User } from './users/user.entity.js';
import { Webhook } from './webhooks/webhook.entity.js';
import { WebhookDelivery } from './webhooks/webhook-delivery.entity.js';

/** The entities of all tables, for the server and the command line. */
export const ENTITIES: EntityClass<object>[] = [
  User,
  Identity,
  Picture,
  AuditEntry,
  Invitation,
  PresenceRow,
  Session,
  PersonalToken,
  LoginCode,
  UsedState,
  Conversation,
  Message,
  Run,
  UnkeptRun,
  QueuedMessage,
  Draft,
  UsageEntry,
  Announcement,
  DismissedAnnouncement,
  ModelAccessRow,
  Webhook,
  WebhookDelivery,
  BudgetRow,
  RateLimit,
  StreamHead,
  StreamEventRow,
  JournalRow,
  Meta,
];
