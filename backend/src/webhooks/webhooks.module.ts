import { Module, type OnModuleInit } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Accounts } from '../users/accounts.js';
import { UsersModule } from '../users/users.module.js';
import { UsersService } from '../users/users.service.js';
import { Courier } from './sending/courier.service.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveryRows } from './sending/delivery-rows.js';
import { addNewUser } from './outbox.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

/** Tells the programs of users and admins of events, over HTTP. */
@Module({
  imports: [AuthModule, UsersModule],
  controllers: [WebhooksController],
  providers: [Courier, DeliveriesService, DeliveryRows, WebhookSecrets, WebhooksService],
})
export class WebhooksModule implements OnModuleInit {
  constructor(
    private readonly users: UsersService,
    private readonly accounts: Accounts,
    private readonly webhooks: WebhooksService,
  ) {}

  onModuleInit(): void {
    this.users.onDisabled((transaction, userId) => this.webhooks.rest(transaction, userId));
    this.accounts.onAdded((transaction, { id, role }) => addNewUser(transaction, id, role));
  }
}
