import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Answers } from '../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../common/handlers/principal.js';
import {
  bodies,
  type CreatedWebhook,
  createdWebhook,
  page,
  type Page,
  type WebhookList,
  webhookList,
} from '../protocol/http/index.js';
import { uuid, type Webhook, webhook, type WebhookDelivery, webhookDelivery, webhookScope } from '../protocol/index.js';
import { pageCursor, pageLimit } from '../users/admin/page-cursor.js';
import { Limited } from '../limits/limited.decorator.js';
import { perUser } from '../limits/policy.js';
import { DeliveriesService } from './deliveries.service.js';
import { WebhooksService } from './webhooks.service.js';

/** Limited, because each of these adds an entry to the audit or sends a request. */
const WEBHOOK_CHANGES = perUser('webhook-changes', 30);
const listQuery = z.strictObject({ scope: webhookScope.default('own') });
const pageQuery = z.strictObject({ cursor: pageCursor.optional(), limit: pageLimit });
const UNLESS_MISSING = { refuses: ['not_found'] } as const;

/** Webhooks of the user, and of admins for everybody. Only sessions may use these routes, never tokens of programs. */
@Controller('api/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly deliveries: DeliveriesService,
  ) {}

  @Get()
  @Answers('List your webhooks, or those for everybody, newest first', { 200: webhookList }, { refuses: ['forbidden'] })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: listQuery }) { scope }: z.infer<typeof listQuery>,
  ): Promise<WebhookList> {
    return { items: await this.webhooks.list(principal, scope), nextCursor: null };
  }

  @Post()
  @Limited(WEBHOOK_CHANGES)
  @Answers('Add a webhook; only this answer has its secret', { 201: createdWebhook }, { refuses: ['forbidden'] })
  add(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: bodies.webhook }) body: z.infer<typeof bodies.webhook>,
  ): Promise<CreatedWebhook> {
    return this.webhooks.add(principal, body);
  }

  @Patch(':id')
  @Limited(WEBHOOK_CHANGES)
  @Answers('Change a webhook, or turn it on or off', { 200: webhook }, UNLESS_MISSING)
  change(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: bodies.webhookChange }) body: z.infer<typeof bodies.webhookChange>,
  ): Promise<Webhook> {
    return this.webhooks.change(principal, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Limited(WEBHOOK_CHANGES)
  @Answers('Remove a webhook', { 204: { says: 'It is removed, and what it was still to be sent.' } }, UNLESS_MISSING)
  remove(@CurrentPrincipal() principal: Principal, @Param('id', { schema: uuid }) id: string): Promise<void> {
    return this.webhooks.remove(principal, id);
  }

  @Post(':id/secret')
  @HttpCode(200)
  @Limited(WEBHOOK_CHANGES)
  @Answers('Replace the secret of a webhook; only this answer has the new one', { 200: createdWebhook }, UNLESS_MISSING)
  roll(@CurrentPrincipal() principal: Principal, @Param('id', { schema: uuid }) id: string): Promise<CreatedWebhook> {
    return this.webhooks.rollSecret(principal, id);
  }

  @Post(':id/test')
  @Limited(WEBHOOK_CHANGES)
  @Answers('Send a test event to a webhook', { 201: webhookDelivery }, { refuses: ['not_found', 'bad_request'] })
  test(@CurrentPrincipal() principal: Principal, @Param('id', { schema: uuid }) id: string): Promise<WebhookDelivery> {
    return this.deliveries.test(principal, id);
  }

  @Get(':id/deliveries')
  @Answers('List the deliveries of a webhook, newest first', { 200: page(webhookDelivery) }, UNLESS_MISSING)
  listDeliveries(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>,
  ): Promise<Page<WebhookDelivery>> {
    return this.deliveries.list(principal, id, query);
  }

  @Post(':id/deliveries/:deliveryId/retry')
  @HttpCode(200)
  @Limited(WEBHOOK_CHANGES)
  @Answers('Send a delivery once more', { 200: webhookDelivery }, { refuses: ['not_found', 'bad_request'] })
  retry(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: uuid }) id: string,
    @Param('deliveryId', { schema: uuid }) deliveryId: string,
  ): Promise<WebhookDelivery> {
    return this.deliveries.retry(principal, id, deliveryId);
  }
}
