import { randomUUID } from 'node:crypto';
import { Identity } from '../../../src/users/identity.entity.js';
import { Database } from '../../../src/database/database.js';
import type { IdentityList } from '../../../src/protocol/http/index.js';
import { WebhookDelivery } from '../../../src/webhooks/webhook-delivery.entity.js';
import { Webhook } from '../../../src/webhooks/webhook.entity.js';
import { repeatsAndHangs, says } from '../../../testing/model/script.js';
import { createToken } from '../../programs/programs.js';
import { begin, whenNamed } from '../../support/conversation.js';
import { queued } from '../../support/queue.js';
import type { TestClient } from '../../support/test-client.js';
import type { TestPerson, TestServer } from '../../support/test-server.js';
import type { IdKind } from '../access/access.js';

/** The kinds of things that belong to one person. */
export type OwnedKind = Exclude<IdKind, 'shared' | 'chosen' | 'new or conversation'>;

/** A person who has one of everything. */
export interface Owner {
  readonly person: TestPerson;
  readonly tab: TestClient;
  /** A personal access token with every scope. */
  readonly token: string;
  readonly ids: Readonly<Record<OwnedKind, string>>;
  /** A conversation whose reply is still being written, with a message that waits. */
  readonly runningConversation: string;
}

/** Signs a person in and gives them one of everything that a request can name. A new kind of thing is made here. */
export async function createOwner(server: TestServer, name: string): Promise<Owner> {
  const person = await server.signIn(name);
  const tab = await server.connect(person);
  server.model.next(says([`Secret reply to ${name}`]));
  const { conversationId, messageId, stream } = await begin(tab, `Secret question of ${name}`);
  await whenNamed(tab, stream);
  server.model.next(repeatsAndHangs);
  const running = await begin(tab, `Running question of ${name}`);
  const waiting = await tab.command('message:send', queued(running.conversationId, `Queued by ${name}`));
  const { id: token, token: secret } = await createToken(server, person, { name: `Program of ${name}` });
  await server.get(Database).write(async (em) => {
    for (const number of [1, 2]) {
      const subject = `${name}-${number}`;
      await em.insert(Identity, { issuer: 'test', subject, userId: person.userId, createdAt: number });
    }
  });
  const webhook = { id: randomUUID(), userId: person.userId, scope: 'own', name: `Hook of ${name}` } as const;
  const delivery = { id: randomUUID(), webhookId: webhook.id, type: 'run.finished', payload: '{}' } as const;
  await server.get(Database).write(async (em) => {
    const status = { events: ['run.finished'], sealedSecret: 'x', status: 'off', createdAt: 1 } as const;
    await em.insert(Webhook, { ...webhook, ...status, url: 'https://example.com/' });
    const outcome = { status: 'failed', attempts: 1, failures: 1, createdAt: 1, giveUpAt: 1 } as const;
    await em.insert(WebhookDelivery, { ...delivery, ...outcome });
  });
  const identities = (await (await server.fetch('/api/auth/identities', person)).json()) as IdentityList;
  const identity = identities.items[0]?.id;
  if (identity === undefined) throw new Error('The person has no identity');
  const ids = {
    session: person.sessionId,
    identity,
    token,
    conversation: conversationId,
    message: messageId,
    run: running.runId,
    'queued message': waiting.messageId,
    webhook: webhook.id,
    delivery: delivery.id,
  };
  return { person, tab, token: secret, ids, runningConversation: running.conversationId };
}
