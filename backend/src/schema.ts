import type { EntityClass } from '@mikro-orm/core';
import { LoginCode } from './auth/login-code.entity.js';
import { Session } from './auth/session.entity.js';
import { UsedState } from './auth/used-state.entity.js';
import { Conversation } from './chat/conversation.entity.js';
import { Draft } from './chat/draft.entity.js';
import { Message } from './chat/message.entity.js';
import { QueuedMessage } from './chat/queued-message.entity.js';
import { Run } from './chat/run.entity.js';
import { UsageEntry } from './chat/usage-entry.entity.js';
import { Meta } from './database/meta.entity.js';
import { JournalRow, StreamEventRow, StreamHead } from './streams/stream.entities.js';
import { AuditEntry } from './users/audit-entry.entity.js';
import { Identity } from './users/identity.entity.js';
import { PresenceRow } from './users/presence.entity.js';
import { User } from './users/user.entity.js';

/** Every table's entity, for the server and the command line. */
export const ENTITIES: EntityClass<object>[] = [
  User,
  Identity,
  AuditEntry,
  PresenceRow,
  Session,
  LoginCode,
  UsedState,
  Conversation,
  Message,
  Run,
  QueuedMessage,
  Draft,
  UsageEntry,
  StreamHead,
  StreamEventRow,
  JournalRow,
  Meta,
];
