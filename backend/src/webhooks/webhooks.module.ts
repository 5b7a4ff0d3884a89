import { Module, type OnModuleInit } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { SecretRotation } from '../auth/secrets/secret-rotation.js';
import { Accounts } from '../users/accounts.js';
import { UsersModule } from '../users/users.module.js';
import { UsersService } from '../users/users.service.js';
import { Courier } from './sending/courier.service.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveryRows } from './sending/delivery-rows.js';
import { addNewUser } from './outbox.js';
import { WebhookSecrets } from './webhook-secrets.js';
import {
  READ_FORMER_SECRETS,
  READ_SECRETS,
  REPLACE_FORMER_SECRET,
  REPLACE_SECRET,
} from './sealed-secrets.statements.js';
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
    private readonly rotation: SecretRotation,
    private readonly secrets: WebhookSecrets,
  ) {}

  onModuleInit(): void {
    this.users.onDisabled((transaction, userId) => this.webhooks.rest(transaction, userId));
    this.rotation.add({ read: READ_SECRETS, replace: REPLACE_SECRET }, this.secrets);
    this.rotation.add({ read: READ_FORMER_SECRETS, replace: REPLACE_FORMER_SECRET }, this.secrets);
    this.accounts.onAdded((transaction, { id, role }) => addNewUser(transaction, id, role));
  }
}
