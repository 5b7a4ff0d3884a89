import { ModelServer } from '../../backend/testing/model/model-server.ts';
import { says } from '../../backend/testing/model/script.ts';

/** What it says to everything. */
export const OTHER_ANSWER = 'This comes from another server.';

/** Starts an OpenAI-compatible server that is not the local one: it has its own key, models and one answer. */
export async function startOtherModel(models: readonly string[] = ['another-model']): Promise<ModelServer> {
  const server = await ModelServer.start({ models, key: 'key-of-another-server' });
  server.otherwise = server.titles = says(OTHER_ANSWER.split(/(?<= )/));
  return server;
}
