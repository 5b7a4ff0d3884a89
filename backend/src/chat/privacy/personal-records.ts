import { Session } from '../../auth/sessions/session.entity.js';
import { PersonalToken } from '../../auth/tokens/personal-token.entity.js';
import { viewToken } from '../../auth/tokens/personal-token.view.js';
import type { EntityManager } from '../../database/database.js';
import { DismissedAnnouncement } from '../../team/announcements/dismissed-announcement.entity.js';
import { Identity } from '../../users/identity.entity.js';
import type { User } from '../../users/user.entity.js';
import { Webhook } from '../../webhooks/webhook.entity.js';
import { viewWebhook } from '../../webhooks/webhook-views.js';
import { viewBudget } from '../budgets/budget-rows.js';
import { BudgetRow } from '../budgets/budget.entity.js';
import { Draft } from '../drafts/draft.entity.js';
import { QueuedMessage } from '../queue/queued-message.entity.js';

/** Reads the rows of one kind that belong to a person. There are few of them: they are read at once. */
export type PersonalRecord = (em: EntityManager, user: User) => Promise<unknown>;

/** The files of an export with such rows. Hashes and secrets are not in them: they belong to the server. */
export const PERSONAL_RECORDS: Readonly<Record<string, PersonalRecord>> = {
  'identities.json': (em, { id: userId }) => em.find(Identity, { userId }),
  'sessions.json': (em, { id: userId }) => {
    const fields = ['id', 'userAgent', 'createdAt', 'lastUsedAt', 'expiresAt', 'endedAt'] as const;
    return em.find(Session, { userId }, { fields, orderBy: { id: 'asc' } });
  },
  'access-tokens.json': async (em, { id: userId }) =>
    (await em.find(PersonalToken, { userId }, { orderBy: { id: 'asc' } })).map(viewToken),
  'webhooks.json': async (em, { id: userId, email }) =>
    (await em.find(Webhook, { userId }, { orderBy: { id: 'asc' } })).map((row) => viewWebhook(row, email)),
  'drafts.json': (em, { id: userId }) => em.find(Draft, { userId }),
  'queued-messages.json': (em, { id: userId }) => {
    const fields = ['id', 'conversationId', 'text', 'model', 'createdAt'] as const;
    return em.find(QueuedMessage, { userId, withdrawnAt: null }, { fields, orderBy: { id: 'asc' } });
  },
  'budget.json': async (em, { id: userId }) => {
    const row = await em.findOne(BudgetRow, { userId });
    return row && viewBudget(row);
  },
  'dismissed-announcements.json': (em, { id: userId }) =>
    em.find(DismissedAnnouncement, { userId }, { orderBy: { dismissedAt: 'asc' } }),
};
