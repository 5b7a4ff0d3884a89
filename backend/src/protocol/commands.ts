import { z } from 'zod';
import { cursor } from './events.js';
import { uuid } from './ids.js';
import { role } from './team/roles.js';
import { draftText, MAX_NAME_LENGTH, messageText, modelId, plainText, shownName } from './texts.js';
import { conversationSettings, rating } from './views.js';

/** The newest version of the protocol, which the page of this build speaks. */
export const PROTOCOL_VERSION = 1;

/** The oldest version of the protocol that the server still serves, for tabs that were opened before an upgrade. */
export const OLDEST_PROTOCOL = 1;

/** What a connection says of itself, as Socket.IO's `auth`. */
export const handshake = z.object({ token: plainText.max(4096), protocol: z.number() });

/** The longest title of a conversation, in UTF-16 units. */
export const MAX_TITLE_LENGTH = MAX_NAME_LENGTH;

/** The schemas of the commands that a client sends, by event name; a payload with unknown keys is refused. */
export const commands = {
  'stream:subscribe': z.strictObject({ stream: plainText.max(100), after: cursor.optional() }),
  'stream:unsubscribe': z.strictObject({ stream: plainText.max(100) }),
  'message:send': z.strictObject({
    clientMessageId: uuid,
    conversationId: uuid,
    text: messageText,
    parentId: uuid.optional(),
    model: modelId.optional(),
    /** For a new conversation: the settings that it starts with. */
    settings: conversationSettings.optional(),
    /** `true`: while a reply is running the message is queued, instead of being refused with `run_active`. */
    queue: z.boolean().optional(),
  }),
  'message:edit': z.strictObject({ clientMessageId: uuid, messageId: uuid, text: messageText }),
  'message:regenerate': z.strictObject({ clientMessageId: uuid, messageId: uuid, model: modelId.optional() }),
  'message:continue': z.strictObject({ clientMessageId: uuid, messageId: uuid }),
  'message:rate': z.strictObject({ messageId: uuid, rating: rating.nullable() }),
  'queue:update': z.strictObject({ messageId: uuid, text: messageText }),
  'queue:remove': z.strictObject({ messageId: uuid }),
  'queue:send': z.strictObject({ messageId: uuid }),
  'run:stop': z.strictObject({ runId: uuid }),
  'draft:set': z.strictObject({ conversationId: uuid.nullable(), text: draftText, origin: uuid }),
  'conversation:update': z.strictObject({
    conversationId: uuid,
    title: shownName.optional(),
    pinned: z.boolean().optional(),
    archived: z.boolean().optional(),
    leafId: uuid.optional(),
    settings: conversationSettings.optional(),
  }),
  'conversation:delete': z.strictObject({ conversationId: uuid }),
  'conversation:restore': z.strictObject({ conversationId: uuid }),
  'announcement:dismiss': z.strictObject({ announcementId: uuid }),
  'auth:refresh': z.strictObject({ token: plainText.max(4096) }),
  'admin:set-role': z.strictObject({ userId: uuid, role }),
  'admin:stop-run': z.strictObject({ runId: uuid }),
} as const;

export type CommandName = keyof typeof commands;
export type Command<Name extends CommandName> = z.infer<(typeof commands)[Name]>;

export const CONNECT_ERRORS = ['unauthenticated', 'upgrade_required', 'overloaded'] as const;
export type ConnectErrorCode = (typeof CONNECT_ERRORS)[number];
