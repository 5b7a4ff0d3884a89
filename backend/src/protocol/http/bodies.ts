import { z } from 'zod';
import { commands } from '../commands.js';
import { uuid } from '../ids.js';
import { emailAddress, invitedRole } from '../people/invitations.js';
import { announcementText, audience, tone } from '../team/announcements.js';
import { budget } from '../team/budgets.js';
import { logLevel } from '../team/log-level.js';
import { modelAccessChange } from '../team/model-access.js';
import { role } from '../team/roles.js';
import { messageText, modelId, plainText, shownName } from '../texts.js';
import { MAX_WEBHOOK_URL_LENGTH, WEBHOOK_EVENTS, webhookEvent, webhookScope } from '../webhooks/webhooks.js';
import { personal, preferences, TOKEN_SCOPES, tokenScope } from '../views.js';

/** The end of the year 9999, the last that every calendar can show. */
const LAST_INSTANT = 253_402_300_799_999;

const webhookEvents = z
  .array(webhookEvent)
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .refine((list) => new Set(list).size === list.length, { message: 'must name each event once' });

const webhookUrl = plainText.trim().min(1).max(MAX_WEBHOOK_URL_LENGTH);

const newWebhook = z.strictObject({
  name: shownName,
  url: webhookUrl,
  events: webhookEvents,
  scope: webhookScope.default('own'),
});
/** `on: true` also turns a webhook on that is `gone`. */
const webhookChange = z.strictObject({
  name: shownName.optional(),
  url: webhookUrl.optional(),
  events: webhookEvents.optional(),
  on: z.boolean().optional(),
});

/** Bodies of HTTP requests; unknown keys are refused. */
export const bodies = {
  exchange: z.strictObject({ code: plainText.min(1).max(200), verifier: plainText.min(43).max(128) }),
  link: z.strictObject({ code: plainText.min(1).max(4000), verifier: plainText.min(43).max(128) }),
  /** A form (Back-Channel Logout 1.0, 2.5); other parameters are ignored. */
  backChannelLogout: z.object({ logout_token: plainText.min(1).max(20_000) }),
  profile: z.strictObject({
    name: shownName.optional(),
    preferences: preferences.optional(),
    personal: personal.partial().optional(),
  }),
  deletion: z.strictObject({ email: plainText.trim().max(320) }),
  adminUser: z.strictObject({ role: role.optional(), disabled: z.boolean().optional() }),
  announcement: z.strictObject({
    text: announcementText,
    tone,
    endsAt: z.int().nonnegative().nullable().optional(),
    roles: audience.optional(),
  }),
  invitation: z.strictObject({ email: emailAddress, role: invitedRole }),
  budget: z.strictObject({ budget: budget.nullable() }),
  logLevel: z.strictObject({ level: logLevel.nullable() }),
  modelAccess: z.strictObject({ model: modelId, access: modelAccessChange }),
  conversation: commands['conversation:update'].omit({ conversationId: true }),
  token: z.strictObject({
    name: shownName,
    scopes: z
      .array(tokenScope)
      .min(1)
      .max(TOKEN_SCOPES.length)
      .refine((scopes) => new Set(scopes).size === scopes.length, { message: 'must not name a scope twice' }),
    /** In milliseconds since 1970; `null` for a token that never expires. */
    expiresAt: z.int().positive().max(LAST_INSTANT).nullable(),
  }),
  webhook: newWebhook,
  webhookChange,
  chat: z.strictObject({
    message: messageText,
    conversationId: uuid.optional(),
    model: modelId.optional(),
    clientMessageId: uuid.optional(),
  }),
} as const;
