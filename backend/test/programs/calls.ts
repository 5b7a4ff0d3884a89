import OpenAI from 'openai';
import { Conversation } from '../../src/chat/conversations/conversation.entity.js';
import { Message } from '../../src/chat/messages/message.entity.js';
import { UnkeptRun } from '../../src/chat/unkept/unkept-run.entity.js';
import { UsageEntry } from '../../src/chat/usage/usage-entry.entity.js';
import { Database } from '../../src/database/database.js';
import type { ModelAnswer } from '../../testing/model/model-answer.js';
import { HeldAnswers } from '../../testing/model/script.js';
import { until } from '../support/test-client.js';
import type { TestPerson, TestServer } from '../support/test-server.js';
import { createToken } from './programs.js';

export const HI = [{ role: 'user' as const, content: 'Hi' }];

/** A new user with a token, and a client that uses it. */
export async function newProgram(server: TestServer, name = 'Ada') {
  const person = await server.signIn(name);
  const { id: tokenId, token } = await createToken(server, person);
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: token, maxRetries: 0 });
  return { person, tokenId, token, client };
}

export const post = (
  server: TestServer,
  token: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> =>
  server.fetch('/v1/chat/completions', { token }, { method: 'POST', body: JSON.stringify(body), headers });

/** What the server keeps of a user. */
export const rowsOf = (server: TestServer, { userId }: TestPerson) =>
  server.get(Database).read(async (em) => ({
    conversations: await em.count(Conversation, { userId }),
    messages: await em.count(Message, { userId }),
    running: await em.count(UnkeptRun, { userId }),
    usage: await em.find(UsageEntry, { userId }),
  }));

/** Waits until no run without a conversation is active. */
export const whenUnkeptEnded = (server: TestServer, person: TestPerson) =>
  until(async () => {
    const rows = await rowsOf(server, person);
    return rows.running === 0 && rows;
  }, 'the run has ended');

/** The next reply of the model, which the test writes. */
export function held(server: TestServer): Promise<ModelAnswer> {
  const answers = new HeldAnswers();
  server.model.next(answers.script);
  return answers.next();
}

/** Writes the rest of a reply. */
export async function finish(answer: ModelAnswer, text: string): Promise<void> {
  await answer.text(text);
  await answer.finish('stop');
  await answer.done();
}
