import type { Express } from 'express';
import { thisMachineAlone } from './provider/this-machine-alone.js';
import type { Config } from '../src/config/config.js';
import { STAND_IN_MODEL_PATH, STAND_IN_PROVIDER_PATH } from '../src/config/read-config.js';
import { ownCallsAlone } from './model/own-calls-alone.js';
import { mountModel } from './model/model.routes.js';
import { mountProvider } from './provider/provider.routes.js';

/**
 * Mounts what the configuration has no real service for: a sign-in provider in place of Google, a model in place of
 * OpenAI. Call it before any body parser is mounted; it does nothing for what is real.
 * @throws Error in production, where neither may ever answer.
 */
export async function mountStandIns(app: Express, config: Config): Promise<void> {
  if (config.production && (config.google.isStandIn || config.models.isStandIn)) {
    throw new Error('stand-ins are for development only');
  }
  if (config.google.isStandIn) {
    if (config.google.standInReach === 'local') app.use(STAND_IN_PROVIDER_PATH, thisMachineAlone);
    await mountProvider(app, config, STAND_IN_PROVIDER_PATH);
  }
  if (!config.models.isStandIn) return;
  app.use(STAND_IN_MODEL_PATH, ownCallsAlone);
  mountModel(app, config.models.allowed, STAND_IN_MODEL_PATH);
}
