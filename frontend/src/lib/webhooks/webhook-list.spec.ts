import { describe, expect, it } from 'vitest';
import type { CreatedWebhook, Webhook, WebhookDelivery } from '#protocol';
import { RequestFailed } from '../http/request-failed.ts';
import { WebhookList } from './webhook-list.svelte.ts';

const webhook = (id: string, changes: Partial<Webhook> = {}): Webhook => ({
  id,
  scope: 'own',
  name: id,
  url: 'https://hooks.example.org/',
  events: ['run.finished'],
  status: 'on',
  failingSince: null,
  ownerEmail: 'ada@example.com',
  createdAt: 1,
  ...changes,
});
const delivery = (id: string, changes: Partial<WebhookDelivery> = {}): WebhookDelivery => ({
  id,
  webhookId: 'a',
  type: 'run.finished',
  status: 'pending',
  attempts: 0,
  createdAt: 1,
  attemptedAt: null,
  dueAt: 2,
  answerStatus: null,
  failure: null,
  ...changes,
});

/** A server with these webhooks and deliveries; `answer` is for all requests that change something. */
function listOf(webhooks: readonly Webhook[], deliveries: readonly WebhookDelivery[], answer?: () => unknown) {
  const asked: string[] = [];
  const change = async <Data>(path: string): Promise<Data> => {
    asked.push(path);
    return (await answer?.()) as Data;
  };
  const list = new WebhookList(
    {
      get: <Data>(path: string) =>
        Promise.resolve({ items: path.includes('deliveries') ? deliveries : webhooks, nextCursor: null } as Data),
      post: change,
      patch: change,
      delete: change,
    },
    'own',
  );
  return { list, asked };
}

const idsOf = ({ webhooks }: WebhookList) => webhooks?.map(({ id }) => id);

describe('the list of webhooks', () => {
  it('shows a new webhook once, whether its event comes before the answer or after it', async () => {
    const created: CreatedWebhook = { ...webhook('b'), secret: 'whsec_x' };
    const { list } = listOf([webhook('a')], [], () => {
      list.apply({ type: 'webhook.changed', data: webhook('b') });
      return created;
    });
    await list.read();
    await list.add({ name: 'b', url: 'https://hooks.example.org/', events: ['run.finished'] });
    list.apply({ type: 'webhook.changed', data: webhook('b') });
    expect(idsOf(list)).toEqual(['b', 'a']);
    expect(list.created?.secret).toBe('whsec_x');
    expect(JSON.stringify(list.webhooks)).not.toContain('whsec_');
  });

  it('keeps what changed while it was read, which the server had written before', async () => {
    const { list } = listOf([webhook('a'), webhook('c')], []);
    const reading = list.read();
    list.apply({ type: 'webhook.changed', data: webhook('b') });
    list.apply({ type: 'webhook.removed', data: { webhookId: 'c' } });
    await reading;
    expect(idsOf(list)).toEqual(['b', 'a']);
    await list.read();
    expect(idsOf(list)).toEqual(['a', 'c']);
  });

  it('keeps to its scope: an admin hears of both kinds', async () => {
    const { list } = listOf([], []);
    await list.read();
    list.apply({ type: 'webhook.changed', data: webhook('a', { scope: 'everybody' }) });
    expect(idsOf(list)).toEqual([]);
  });

  it('shows the deliveries of one webhook, and keeps the newer state of each', async () => {
    const { list } = listOf([webhook('a')], [delivery('2', { attempts: 1 }), delivery('1')]);
    await list.read();
    list.fold('a');
    await expect.poll(() => list.deliveries.phase).toBe('ready');
    list.apply({ type: 'webhook.delivery', data: delivery('2', { attempts: 2, status: 'delivered' }) });
    list.apply({ type: 'webhook.delivery', data: delivery('2', { attempts: 1 }) });
    list.apply({ type: 'webhook.delivery', data: delivery('3') });
    list.apply({ type: 'webhook.delivery', data: delivery('0') });
    list.apply({ type: 'webhook.delivery', data: delivery('9', { webhookId: 'b' }) });
    expect(list.deliveries.items.map(({ id, status }) => [id, status])).toEqual([
      ['3', 'pending'],
      ['2', 'delivered'],
      ['1', 'pending'],
    ]);
    list.fold('a');
    expect([list.unfolded, list.deliveries.items]).toEqual([undefined, []]);
  });

  it('removes a webhook that another tab has removed first, and forgets its secret', async () => {
    const { list, asked } = listOf([webhook('a')], [], () => Promise.reject(new RequestFailed('not_found', '')));
    await list.read();
    list.created = { ...webhook('a'), secret: 'whsec_x' };
    await Promise.all([list.remove('a'), list.remove('a')]);
    expect(asked).toEqual(['/api/webhooks/a']);
    expect([idsOf(list), list.created]).toEqual([[], undefined]);
  });

  it('keeps the reason when a change fails', async () => {
    const { list } = listOf([webhook('a')], [], () => Promise.reject(new RequestFailed('network', '')));
    await list.read();
    await list.turn('a', false);
    expect(list.refusals.get('a')).toMatchObject({ code: 'network' });
    expect(list.webhooks?.[0]?.status).toBe('on');
  });
});
