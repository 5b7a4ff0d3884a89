import { z } from 'zod';
import {
  adminPerson,
  bodies,
  chatAnswer,
  createdToken,
  createdWebhook,
  dashboard,
  exportedConversation,
  installationMeta,
  personCounts,
  problem,
  sessionList,
  tokenGrant,
  tokenList,
  webhookList,
} from '../protocol/http/index.js';
import {
  activeRun,
  adminAnnouncement,
  adminModel,
  adminUsageReport,
  adminUser,
  announcement,
  auditEntry,
  branch,
  budget,
  budgetStanding,
  branchMessage,
  conversation,
  conversationSettings,
  conversationSummary,
  cursor,
  draft,
  foundConversation,
  invitation,
  message,
  modelList,
  personalToken,
  preferences,
  queuedMessage,
  replyError,
  runError,
  sendResult,
  sessionView,
  streamEvent,
  usage,
  usageDay,
  usageItem,
  usagePoint,
  usageReport,
  usageSeries,
  user,
  webhook,
  webhookDelivery,
} from '../protocol/index.js';
import * as example from './examples.js';
import { exampleProblem } from './problems.js';
import type { SchemaName } from './schema-book.js';

const { siblingIds: _siblings, ...aMessage } = example.aMessage;

/** The named schemas of the documents, with examples. Not in zod's global registry, which the page would load as well. */
export const namedSchemas = z
  .registry<SchemaName>()
  .add(user, { id: 'User', examples: [example.aUser] })
  .add(adminUser, { id: 'AdminUser', examples: [example.anAdminUser] })
  .add(preferences, { id: 'Preferences', examples: [example.aUser.preferences] })
  .add(auditEntry, { id: 'AuditEntry', examples: [example.anAuditEntry] })
  .add(announcement, { id: 'Announcement', examples: [example.anAnnouncement] })
  .add(adminAnnouncement, { id: 'AdminAnnouncement', examples: [example.anAdminAnnouncement] })
  .add(activeRun, { id: 'ActiveRun', examples: [example.anActiveRun] })
  .add(budget, { id: 'Budget', examples: [example.aBudget] })
  .add(budgetStanding, { id: 'BudgetStanding', examples: [example.aStanding] })
  .add(adminModel, { id: 'AdminModel', examples: [example.anAdminModel] })
  .add(invitation, { id: 'Invitation', examples: [example.anInvitation] })
  .add(adminPerson, { id: 'AdminPerson', examples: [example.anAdminPerson] })
  .add(personCounts, { id: 'PersonCounts', examples: [example.someCounts] })
  .add(sessionView, { id: 'Session', examples: [example.aSession] })
  .add(personalToken, { id: 'PersonalToken', examples: [example.aToken] })
  .add(webhook, { id: 'Webhook', examples: [example.aWebhook] })
  .add(webhookDelivery, { id: 'WebhookDelivery', examples: [example.aDelivery] })
  .add(usage, { id: 'Usage', examples: [example.aUsage] })
  .add(conversation, { id: 'Conversation', examples: [example.aConversation] })
  .add(conversationSettings, { id: 'ConversationSettings', examples: [example.aConversation.settings] })
  .add(conversationSummary, { id: 'ConversationSummary', examples: [example.aSummary] })
  .add(foundConversation, {
    id: 'FoundConversation',
    examples: [
      {
        ...example.aSummary,
        hit: {
          messageId: example.IDS.reply,
          excerpt: [
            { text: 'It weaves ', isMatch: false },
            { text: 'algebraic', isMatch: true },
          ],
        },
      },
    ],
  })
  .add(message, { id: 'Message', examples: [aMessage] })
  .add(branchMessage, { id: 'BranchMessage', examples: [example.aMessage] })
  .add(branch, { id: 'Branch', examples: [{ ids: [example.IDS.reply], messages: [example.aMessage], hasMore: false }] })
  .add(queuedMessage, { id: 'QueuedMessage', examples: [example.aQueuedMessage] })
  .add(draft, { id: 'Draft', examples: [example.aDraft] })
  .add(runError, { id: 'RunError', examples: [{ code: 'model_unavailable', requestId: example.IDS.request }] })
  .add(modelList, { id: 'ModelList', examples: [example.aModelList] })
  .add(usageDay, { id: 'UsageDay', examples: [example.aUsageDay] })
  .add(usageReport, { id: 'UsageReport', examples: [{ items: [example.aUsageDay], currency: 'USD' }] })
  .add(usageItem, { id: 'UsageItem', examples: [example.aUsageItem] })
  .add(adminUsageReport, { id: 'AdminUsageReport', examples: [example.anAdminUsageReport] })
  .add(usagePoint, { id: 'UsagePoint', examples: [example.aUsagePoint] })
  .add(usageSeries, { id: 'UsageSeries', examples: [example.aUsageSeries] })
  .add(tokenGrant, { id: 'TokenGrant', examples: [{ accessToken: 'eyJ…', expiresIn: 600, user: example.aUser }] })
  .add(sessionList, { id: 'SessionList', examples: [{ items: [example.aSession], nextCursor: null }] })
  .add(tokenList, { id: 'TokenList', examples: [{ items: [example.aToken], nextCursor: null }] })
  .add(createdToken, { id: 'CreatedToken', examples: [{ ...example.aToken, token: 'lsk_…' }] })
  .add(webhookList, { id: 'WebhookList', examples: [{ items: [example.aWebhook], nextCursor: null }] })
  .add(createdWebhook, { id: 'CreatedWebhook', examples: [{ ...example.aWebhook, secret: 'whsec_…' }] })
  .add(chatAnswer, { id: 'ChatAnswer', examples: [example.aChatAnswer] })
  .add(exportedConversation, {
    id: 'ExportedConversation',
    examples: [{ version: 1, conversation: example.aConversation, messages: [aMessage], queue: [] }],
  })
  .add(installationMeta, { id: 'InstallationMeta', examples: [example.aMeta] })
  .add(dashboard, { id: 'Dashboard', examples: [example.aDashboard] })
  .add(problem, { id: 'Problem', examples: [exampleProblem('not_found')] })
  .add(bodies.exchange, { id: 'ExchangeBody', examples: [example.aBody.exchange] })
  .add(bodies.profile, { id: 'ProfileBody', examples: [example.aBody.profile] })
  .add(bodies.deletion, { id: 'DeletionBody', examples: [example.aBody.deletion] })
  .add(bodies.adminUser, { id: 'AdminUserBody', examples: [example.aBody.adminUser] })
  .add(bodies.invitation, { id: 'InvitationBody', examples: [example.aBody.invitation] })
  .add(bodies.budget, { id: 'BudgetBody', examples: [example.aBody.budget] })
  .add(bodies.logLevel, { id: 'LogLevelBody', examples: [example.aBody.logLevel] })
  .add(bodies.modelAccess, { id: 'ModelAccessBody', examples: [example.aBody.modelAccess] })
  .add(bodies.announcement, { id: 'AnnouncementBody', examples: [example.aBody.announcement] })
  .add(bodies.token, { id: 'TokenBody', examples: [example.aBody.token] })
  .add(bodies.webhook, { id: 'WebhookBody', examples: [example.aBody.webhook] })
  .add(bodies.webhookChange, { id: 'WebhookChangeBody', examples: [example.aBody.webhookChange] })
  .add(bodies.conversation, { id: 'ConversationBody', examples: [example.aBody.conversation] })
  .add(bodies.chat, { id: 'ChatBody', examples: [example.aBody.chat] })
  .add(cursor, { id: 'Cursor', examples: [{ epoch: '01a1f0', seq: 41 }] })
  .add(streamEvent, {
    id: 'StreamEvent',
    examples: [{ seq: 5, type: 'message.added', at: example.AT, data: { message: aMessage } }],
  })
  .add(sendResult, { id: 'SendResult', examples: [example.aSendResult] })
  .add(replyError, {
    id: 'ReplyError',
    examples: [{ code: 'rate_limited', message: 'Too many messages.', retryable: true, retryAfterMs: 2_000 }],
  });
