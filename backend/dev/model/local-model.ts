import type { Express } from 'express';
import { complete } from '../../testing/model/complete.js';
import type { CompletionBody } from '../../testing/model/completion-request.js';
import type { ModelAnswer } from '../../testing/model/model-answer.js';
import { pause, paced } from '../../testing/model/pacing.js';
import type { Script } from '../../testing/model/script.js';
import { answerTo, longAnswerTo } from './answers.js';
import { type Command, readCommand } from './commands.js';
import { titleFor } from './title.js';
import { tokensOf } from './tokens.js';

/** The delay before the first token, like that of a real model. */
const FIRST_TOKEN_MS = 250;
const TITLE_RATE = 200;

type Break = 'stall' | 'reset' | 'truncate';

/** The text of a reply, its speed, and the failure that replaces its end after some tokens. */
interface Performance {
  readonly tokens: Iterable<string>;
  readonly tokensPerSecond: number;
  readonly thinksMs: number;
  readonly breaks?: { readonly how: Break | 'limit'; readonly afterTokens: number };
}

/** Mounts the model of a server without keys: it implements OpenAI's API with written answers. */
export function mountModel(app: Express, models: readonly string[], path: string): void {
  app.get(`${path}/models`, (_request, response) => {
    response.json({
      object: 'list',
      data: models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'local' })),
    });
  });
  app.post(`${path}/chat/completions`, (request, response) => complete(request, response, () => localModel));
}

const localModel: Script = async (answer, { body, isTitle }) => {
  const last = body.messages.at(-1)?.content ?? '';
  const performance = isTitle ? nameConversation(last) : perform(last);
  if ('status' in performance) {
    const message = `The local model was asked to fail with ${performance.status}.`;
    return answer.refuse(performance.status, { message, type: 'local_model_error', param: null, code: null });
  }
  await (body.stream ? stream : answerWhole)(body, performance, answer);
};

const nameConversation = (conversation: string): Performance => ({
  tokens: tokensOf(titleFor(conversation)),
  tokensPerSecond: TITLE_RATE,
  thinksMs: 0,
});

function perform(message: string): Performance | { readonly status: number } {
  const command = readCommand(message);
  switch (command.name) {
    case 'error':
      return { status: command.status };
    case 'answer':
      return {
        tokens: tokensOf(answerTo(command.question)),
        tokensPerSecond: command.tokensPerSecond,
        thinksMs: FIRST_TOKEN_MS,
      };
    case 'long': {
      const text = longAnswerTo(command.question, command.sections);
      return { tokens: tokensOf(text), tokensPerSecond: command.tokensPerSecond, thinksMs: 0 };
    }
    case 'echo':
      return {
        tokens: command.text.match(/\s*\S+|\s+$/g) ?? [],
        tokensPerSecond: command.tokensPerSecond,
        thinksMs: 0,
      };
    case 'count':
      return { tokens: numbers(command.upTo), tokensPerSecond: command.tokensPerSecond, thinksMs: 0 };
    case 'stall':
    case 'reset':
    case 'truncate':
    case 'limit':
      return breakOff(command);
  }
}

function breakOff({ name, afterTokens, question }: Extract<Command, { afterTokens: number }>): Performance {
  const breaks = { how: name, afterTokens };
  return { tokens: tokensOf(answerTo(question)), tokensPerSecond: 35, thinksMs: 0, breaks };
}

function* numbers(upTo: number): Generator<string> {
  for (let number = 1; number <= upTo; number += 1) yield number === upTo ? `${number}` : `${number} `;
}

async function stream(body: CompletionBody, performance: Performance, answer: ModelAnswer): Promise<void> {
  await answer.text('');
  await pause(performance.thinksMs, answer.gone);
  let count = 0;
  for await (const token of paced(performance.tokens, performance.tokensPerSecond, answer.gone)) {
    if (count === performance.breaks?.afterTokens) break;
    count += 1;
    await answer.text(token);
  }
  if (answer.gone.aborted) return;
  const how = performance.breaks?.how;
  if (how !== undefined && how !== 'limit') return breaksOff(how, answer);
  await answer.finish(how === 'limit' ? 'length' : 'stop');
  const usage = { prompt_tokens: promptTokens(body), completion_tokens: count };
  if (body.stream_options?.include_usage) await answer.usage(usage);
  await answer.done();
}

async function breaksOff(how: Break, answer: ModelAnswer): Promise<void> {
  if (how === 'stall') await answer.stall();
  else if (how === 'reset') answer.reset();
  else answer.end();
}

async function answerWhole(body: CompletionBody, performance: Performance, answer: ModelAnswer): Promise<void> {
  await pause(performance.thinksMs, answer.gone);
  if (answer.gone.aborted) return;
  const tokens = [...performance.tokens];
  answer.document(tokens.join(''), { prompt_tokens: promptTokens(body), completion_tokens: tokens.length });
}

function promptTokens({ messages }: CompletionBody): number {
  return messages.reduce((sum, message) => sum + [...tokensOf(message.content)].length, 0);
}
