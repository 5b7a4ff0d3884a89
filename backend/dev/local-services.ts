import type { Express } from 'express';
import { thisMachineAlone } from './provider/this-machine-alone.js';
import type { Config } from '../src/config/config.js';
import { LOCAL_MODEL_PATH, LOCAL_PROVIDER_PATH } from '../src/config/read-config.js';
import { ownCallsAlone } from './model/own-calls-alone.js';
import { mountModel } from './model/local-model.js';
import { mountProvider } from './provider/provider.routes.js';

/**
 * Mounts local services for those that are not configured: a sign-in provider instead of Google, and a model instead of
 * OpenAI. Must be called before any body parser is mounted. Does nothing if both are configured.
 * @throws Error in production, where neither may be used
 */
export async function mountLocalServices(app: Express, config: Config): Promise<void> {
  if (config.production && (config.google?.isLocal || config.models.isLocal)) {
    throw new Error('local services are for development only');
  }
  const { google } = config;
  if (google?.isLocal) {
    if (google.localReach === 'local') app.use(LOCAL_PROVIDER_PATH, thisMachineAlone);
    await mountProvider(app, { ...config, google }, LOCAL_PROVIDER_PATH);
  }
  if (!config.models.isLocal) return;
  app.use(LOCAL_MODEL_PATH, ownCallsAlone);
  mountModel(app, config.models.allowed, LOCAL_MODEL_PATH);
}
