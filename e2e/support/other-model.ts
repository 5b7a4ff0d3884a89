import { ModelServer } from '../../backend/testing/model/model-server.ts';
import { says } from '../../backend/testing/model/script.ts';

/** What it says to everything. */
export const OTHER_ANSWER = 'This comes from another server.';

/** A server of models as any compatible one is: it has a key, models and one answer. */
export async function startOtherModel(models: readonly string[] = ['another-model']): Promise<ModelServer> {
  const server = await ModelServer.start({ models, key: 'key-of-another-server' });
  server.otherwise = server.titles = says(OTHER_ANSWER.split(/(?<= )/));
  return server;
}
