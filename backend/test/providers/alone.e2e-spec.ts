import { afterEach, describe, expect, it } from '@jest/globals';
import { begin, stateOf, whenNamed } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';
import { anthropicWire } from './wires/anthropic.wire.js';
import { geminiWire } from './wires/gemini.wire.js';
import { mistralWire } from './wires/mistral.wire.js';
import { ollamaWire } from './wires/ollama.wire.js';
import { WireServer } from './wires/wire-server.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  APP_SECRET: 'a secret of thirty-two characters',
  PUBLIC_URL: 'https://chat.example.com',
  GOOGLE_CLIENT_ID: 'id',
  GOOGLE_CLIENT_SECRET: 'secret',
  OPENAI_API_KEY: '',
  OPENAI_BASE_URL: '',
};

/** One provider's package and key, as in the README, and nothing of OpenAI. */
describe.each([anthropicWire, geminiWire, mistralWire, ollamaWire])(
  'a server in production with $name alone',
  (wire) => {
    const owned: AsyncDisposable[] = [];
    afterEach(async () => {
      for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
    });

    it('starts, answers and names conversations, and speaks of no local model', async () => {
      Object.assign(process.env, wire.env);
      const provider = await WireServer.start(wire);
      owned.push(provider);
      provider.script = (response) => {
        response
          .writeHead(200, { 'content-type': wire.contentType })
          .end(wire.answer(['Hello', ' there'], 'stop').join(''));
      };
      const MODEL_REQUESTS = JSON.stringify({ [wire.model]: { baseUrl: provider.url } });
      const server = await TestServer.start({ ...PRODUCTION, OPENAI_MODELS: wire.model, MODEL_REQUESTS });
      owned.push(server);
      expect(await (await server.fetch('/api/meta')).json()).toMatchObject({ local: { model: false } });

      const person = await server.signIn('Ada');
      const tab = await server.connect(person);
      const { stream } = await begin(tab);
      await whenNamed(tab, stream, 'Hello there');
      const { messages } = stateOf(await tab.subscribe(stream));
      expect(messages.at(-1)).toMatchObject({ status: 'completed', text: 'Hello there', model: wire.model });
    });
  },
);
