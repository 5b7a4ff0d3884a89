import {
  type AdminPerson,
  type bodies,
  type ChatAnswer,
  type Dashboard,
  type InstallationMeta,
  type PersonCounts,
} from '../protocol/http/index.js';
import type {
  ActiveRun,
  AdminAnnouncement,
  AdminModel,
  AdminUsageReport,
  AdminUser,
  Announcement,
  AuditEntry,
  BranchMessage,
  Budget,
  BudgetStanding,
  Conversation,
  ConversationSummary,
  Draft,
  Invitation,
  ModelList,
  PersonalToken,
  QueuedMessage,
  SendResult,
  SessionView,
  UsageDay,
  UsageItem,
  UsagePoint,
  UsageSeries,
  User,
  Webhook,
  WebhookDelivery,
} from '../protocol/index.js';
import type { z } from 'zod';

/** The ids of an example conversation: UUIDv7, in the order of their creation. */
export const IDS = {
  user: '01a202d5-c4d5-7619-b6b4-96e984500513',
  conversation: '01a202d6-0b1c-7d3a-9a52-6d0f3c1e8b27',
  question: '01a202d6-0b1d-7e10-8d41-3f7c5a9e2b16',
  reply: '01a202d6-0b1e-7a4f-b3c8-91d2e6f07a35',
  run: '01a202d6-0b1f-7c22-a7e9-5b48d0c3f162',
  clientMessage: '01a202d6-0b0a-7f51-9c3d-e27a84b6051d',
  session: '01a202d5-c4e0-7b88-8f12-0c6d9e3a7b54',
  request: '01a202d6-4f20-7311-8a6b-d4c0f59e1273',
} as const;
export const AT = 1_794_700_800_000;

export const aUser: User = {
  id: IDS.user,
  email: 'ada@example.org',
  name: 'Ada Lovelace',
  picture: null,
  role: 'user',
  preferences: { theme: 'dark', language: 'en' },
  personal: { about: 'I write about mathematics.', replies: 'Short, with an example.', used: true },
};
const { personal: _personal, ...aPerson } = aUser;
export const anAdminUser: AdminUser = {
  ...aPerson,
  disabled: false,
  online: true,
  createdAt: AT,
  lastSeenAt: AT,
  roleByProvider: false,
};
export const aUsage = { inputTokens: 412, outputTokens: 96, costMicros: 1_340 };
export const aConversation: Conversation = {
  id: IDS.conversation,
  title: 'Analytical engines',
  pinned: false,
  archived: false,
  leafId: IDS.reply,
  settings: { model: 'gpt-5', temperature: 0.2 },
  usage: aUsage,
  createdAt: AT,
  updatedAt: AT + 4_000,
};
const { settings: _settings, usage: _usage, ...summarized } = aConversation;
export const aSummary: ConversationSummary = { ...summarized, running: false };
export const aMessage: BranchMessage = {
  id: IDS.reply,
  parentId: IDS.question,
  role: 'assistant',
  text: 'It weaves algebraic patterns.',
  status: 'completed',
  model: 'gpt-5',
  runId: IDS.run,
  usage: aUsage,
  createdAt: AT + 1,
  siblingIds: [IDS.reply],
};
export const aQueuedMessage: QueuedMessage = {
  id: IDS.question,
  clientMessageId: IDS.clientMessage,
  text: 'And the Jacquard loom?',
  createdAt: AT + 2_000,
};
export const aDraft: Draft = { text: 'And the', origin: IDS.clientMessage, at: AT };
export const aSession: SessionView = {
  id: IDS.session,
  userAgent: 'Firefox on Linux',
  createdAt: AT,
  lastUsedAt: AT + 60_000,
  current: true,
};
export const aToken: PersonalToken = {
  id: IDS.session,
  name: 'Nightly summary',
  scopes: ['chat'],
  createdAt: AT,
  expiresAt: AT + 90 * 86_400_000,
  lastUsedAt: null,
};
export const aWebhook: Webhook = {
  id: IDS.session,
  scope: 'own',
  name: 'Build server',
  url: 'https://hooks.example.org/lockstep',
  events: ['run.finished'],
  status: 'on',
  failingSince: null,
  ownerEmail: aUser.email,
  createdAt: AT,
};
export const aDelivery: WebhookDelivery = {
  id: IDS.run,
  webhookId: aWebhook.id,
  type: 'run.finished',
  status: 'pending',
  attempts: 1,
  createdAt: AT,
  attemptedAt: AT + 400,
  dueAt: AT + 5_700,
  answerStatus: 503,
  failure: 'status',
};
export const anAuditEntry: AuditEntry = {
  id: IDS.run,
  at: AT,
  actorId: IDS.session,
  actorEmail: 'charles@example.org',
  action: 'user.role_changed',
  targetId: IDS.user,
  targetEmail: aUser.email,
  address: '192.0.2.7',
  requestId: IDS.request,
  detail: { from: 'pending', to: 'user' },
};
export const anInvitation: Invitation = {
  id: IDS.request,
  email: 'grace@example.org',
  role: 'user',
  inviterEmail: 'charles@example.org',
  createdAt: AT,
  expiresAt: AT + 30 * 86_400_000,
};
export const anAdminPerson: AdminPerson = {
  user: anAdminUser,
  roleProvider: null,
  sessions: [{ ...aSession, current: false }],
  identities: [{ id: '3q2fVd0hJ9', label: 'Google', email: aUser.email, linkedAt: AT, lastUsedAt: AT }],
  tokens: [aToken],
};
export const anAnnouncement: Announcement = {
  id: IDS.request,
  text: 'The chat is updated tonight at 22:00 and is away for a minute.',
  tone: 'info',
  endsAt: AT + 3_600_000,
  createdAt: AT,
};
export const anAdminAnnouncement: AdminAnnouncement = {
  ...anAnnouncement,
  roles: ['user', 'admin'],
  authorEmail: 'charles@example.org',
  withdrawnAt: null,
};
export const anAdminModel: AdminModel = {
  id: 'gpt-5',
  access: { roles: ['admin'], users: [{ id: IDS.user, name: 'Ada Lovelace', email: 'ada@example.org' }] },
};
export const anActiveRun: ActiveRun = {
  id: IDS.run,
  userId: IDS.user,
  userName: 'Ada Lovelace',
  userEmail: 'ada@example.org',
  model: 'gpt-5',
  startedAt: AT,
  conversationId: IDS.conversation,
};

export const aBudget: Budget = { unit: 'money', day: 2_000_000, month: 30_000_000 };
export const aStanding: BudgetStanding = {
  unit: 'money',
  day: { limit: 2_000_000, used: 412_000, reserved: 41_300, resetsAt: 1_794_787_200_000 },
  month: { limit: 30_000_000, used: 7_904_000, reserved: 41_300, resetsAt: 1_796_083_200_000 },
};
export const someCounts: PersonCounts = {
  conversations: 12,
  messages: 87,
  month: aUsage,
  currency: 'USD',
  budget: aStanding,
};
export const aModelList: ModelList = {
  items: [{ id: 'gpt-5', price: { input: 1.25, output: 10 } }, { id: 'local-model' }],
  currency: 'USD',
  nextCursor: null,
};
export const aUsageDay: UsageDay = { day: '2026-11-15', replies: 12, ...aUsage };
const sums = { runs: 14, failed: 1, stopped: 1, ...aUsage };
export const aUsageItem: UsageItem = { key: IDS.user, name: 'Ada Lovelace', email: 'ada@example.org', ...sums };
export const anAdminUsageReport: AdminUsageReport = { items: [aUsageItem], left: 0, total: sums, currency: 'USD' };
const firstTokenMs = { median: 420, p95: 1_310 };
export const aUsagePoint: UsagePoint = { at: AT, model: 'gpt-5', ...sums, firstTokenMs };
export const aUsageSeries: UsageSeries = {
  from: AT,
  periodMs: 86_400_000,
  periods: 7,
  points: [aUsagePoint],
  people: [{ at: AT, people: 3 }],
  models: [{ model: 'gpt-5', ...sums, firstTokenMs }],
  currency: 'USD',
};
export const aDashboard: Dashboard = {
  users: 42,
  connectedUsers: 7,
  sockets: 11,
  activeRuns: 2,
  tokensToday: 91_200,
  costMicrosToday: 412_000,
  currency: 'USD',
};
export const aMeta: InstallationMeta = {
  publicUrl: 'https://chat.example.org',
  provider: 'Google',
  local: { provider: false, model: false },
  standIn: { provider: false, model: false },
};
export const aChatAnswer: ChatAnswer = {
  reply: aMessage.text,
  conversationId: IDS.conversation,
  messageId: IDS.reply,
};
export const aSendResult: SendResult = { duplicate: false, messageId: IDS.question, runId: IDS.run, seq: 4 };

export const aBody: { readonly [Name in keyof typeof bodies]: z.infer<(typeof bodies)[Name]> } = {
  exchange: { code: 'k3Jx8eVQ2mZ0', verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' },
  link: { code: 'eyJhbGciOiJkaXIi', verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' },
  backChannelLogout: { logout_token: 'eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiIxIn0.c2ln' },
  profile: { name: 'Ada', preferences: { theme: 'light' }, personal: { used: false } },
  deletion: { email: aUser.email },
  adminUser: { role: 'user', disabled: false },
  invitation: { email: anInvitation.email, role: 'user' },
  budget: { budget: aBudget },
  logLevel: { level: 'debug' },
  modelAccess: { model: 'gpt-5', access: { roles: ['admin'], userIds: [IDS.user] } },
  announcement: { text: anAnnouncement.text, tone: 'info', endsAt: AT + 3_600_000, roles: ['user', 'admin'] },
  conversation: { title: 'Engines', pinned: true },
  token: { name: aToken.name, scopes: aToken.scopes, expiresAt: aToken.expiresAt },
  webhook: { name: aWebhook.name, url: aWebhook.url, events: ['run.finished'], scope: 'own' },
  webhookChange: { on: false },
  chat: { message: 'What does it weave?', clientMessageId: IDS.clientMessage },
};
