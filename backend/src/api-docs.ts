import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import {
  ApiBearerAuth,
  ApiExcludeController,
  ApiOkResponse,
  type ApiResponseOptions,
  ApiTags,
  DocumentBuilder,
  SwaggerModule,
} from '@nestjs/swagger';
import express from 'express';
import { ChatController } from './chat/chat.controller.js';
import { ConversationsController } from './chat/conversations/conversations.controller.js';
import { UsageController } from './chat/usage/usage.controller.js';
import { refuseOtherMethods } from './common/other-methods.js';
import { DashboardController } from './health/dashboard.controller.js';
import { HealthController } from './health/health.controller.js';
import { MetaController } from './health/meta.controller.js';
import { MetricsController } from './health/metrics.controller.js';
import { modelList, usageReport } from './protocol/index.js';

type Controller = abstract new (...dependencies: never[]) => object;

const TAGS: readonly (readonly [tag: string, controllers: readonly Controller[]])[] = [
  ['conversations', [ConversationsController]],
  ['chat', [ChatController, UsageController]],
  ['health', [HealthController, MetaController]],
  ['admin', [DashboardController]],
];
const WITH_TOKEN: readonly Controller[] = [
  ConversationsController,
  ChatController,
  UsageController,
  DashboardController,
];

/** The description needs an application to be mounted on; the real one takes no routes any more when it listens. */
@Module({})
class DocsModule {}

/**
 * The OpenAPI description of all routes, and pages that show it, at `path` and below. The decorators are applied here
 * rather than at the controllers: a server whose description is not asked for has no use for their package.
 */
export async function describeApi(app: NestExpressApplication, path: string): Promise<express.Express> {
  for (const [tag, controllers] of TAGS) for (const controller of controllers) ApiTags(tag)(controller);
  for (const controller of WITH_TOKEN) ApiBearerAuth()(controller);
  ApiExcludeController()(MetricsController);
  answers(UsageController, 'models', {
    description: 'The models that may be asked, the default first.',
    standardSchema: modelList,
  });
  answers(UsageController, 'usage', {
    description: 'What you have used, by day, the newest first.',
    standardSchema: usageReport,
  });
  const description = new DocumentBuilder()
    .setTitle('Lockstep')
    .setDescription('HTTP routes; what happens live comes over Socket.IO.')
    .setVersion('1')
    .addBearerAuth()
    .build();
  const docs = express();
  const shell = await NestFactory.create<NestExpressApplication>(DocsModule, new ExpressAdapter(docs), {
    logger: false,
    abortOnError: false,
  });
  SwaggerModule.setup(path.slice(1), shell, () => SwaggerModule.createDocument(app, description));
  docs.use(refuseOtherMethods(docs));
  return docs;
}

function answers(controller: Controller, method: string, options: ApiResponseOptions): void {
  const { prototype } = controller as { prototype: object };
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  if (descriptor) ApiOkResponse(options)(prototype, method, descriptor);
}
