import type { Express, Request, Response } from 'express';
import { once } from 'node:events';
import { z } from 'zod';
import { TITLE_INSTRUCTION } from '../../src/models/titles/title-instruction.js';
import { BodyTooLargeError, readBody } from '../request-body.js';
import { answerTo, longAnswerTo } from './answers.js';
import { type Command, readCommand } from './commands.js';
import { Completion, errorDocument } from './completion.js';
import { pause, paced, tokensOf } from './pacing.js';
import { titleFor } from './title.js';

const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** A real model thinks for a moment before its first token. */
const FIRST_TOKEN_MS = 250;
const TITLE_RATE = 200;

const content = z.union([
  z.string(),
  z.array(z.object({ text: z.string().default('') })).transform((parts) => parts.map(({ text }) => text).join('')),
]);
const requestBody = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: content.nullish().transform((text) => text ?? '') })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
});
type RequestBody = z.infer<typeof requestBody>;

type Break = 'stall' | 'reset' | 'truncate';

/** What is said, how fast, and what happens after so many tokens instead of a proper end. */
interface Performance {
  readonly tokens: Iterable<string>;
  readonly tokensPerSecond: number;
  readonly thinksMs: number;
  readonly breaks?: { readonly how: Break | 'limit'; readonly afterTokens: number };
}

/** Mounts a server that speaks OpenAI's API and answers by itself. */
export function mountModel(app: Express, models: readonly string[], path: string): void {
  app.get(`${path}/models`, (_request, response) => {
    response.json({
      object: 'list',
      data: models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'local' })),
    });
  });
  app.post(`${path}/chat/completions`, (request, response) => complete(request, response));
}

async function complete(request: Request, response: Response): Promise<void> {
  const body = await readRequest(request, response);
  if (!body) return;
  const performance = perform(body);
  if ('status' in performance) {
    const message = `The local model was asked to fail with ${performance.status}.`;
    response.status(performance.status).json(errorDocument(message, 'local_model_error'));
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  await (body.stream ? stream : answerWhole)(body, performance, response, gone.signal);
}

async function readRequest(request: Request, response: Response): Promise<RequestBody | undefined> {
  try {
    return requestBody.parse(JSON.parse(await readBody(request, MAX_REQUEST_BYTES)));
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof SyntaxError || error instanceof BodyTooLargeError))
      throw error;
    const status = error instanceof BodyTooLargeError ? 413 : 400;
    response.status(status).json(errorDocument('The request is not a chat completion.', 'invalid_request_error'));
    return undefined;
  }
}

function perform({ messages }: RequestBody): Performance | { readonly status: number } {
  const last = messages.at(-1)?.content ?? '';
  if (messages[0]?.content.startsWith(TITLE_INSTRUCTION)) {
    return { tokens: tokensOf(titleFor(last)), tokensPerSecond: TITLE_RATE, thinksMs: 0 };
  }
  const command = readCommand(last);
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

async function stream(
  body: RequestBody,
  performance: Performance,
  response: Response,
  gone: AbortSignal,
): Promise<void> {
  const completion = new Completion(body.model);
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache' });
  response.write(completion.event({ role: 'assistant', content: '' }));
  await pause(performance.thinksMs, gone);
  let count = 0;
  for await (const token of paced(performance.tokens, performance.tokensPerSecond, gone)) {
    if (count === performance.breaks?.afterTokens) break;
    count += 1;
    if (!response.write(completion.event({ content: token }))) await drained(response, gone);
  }
  if (gone.aborted) return;
  const how = performance.breaks?.how;
  if (how !== undefined && how !== 'limit') return end(how, response);
  response.write(completion.event({}, how === 'limit' ? 'length' : 'stop'));
  if (body.stream_options?.include_usage) response.write(completion.usageEvent(promptTokens(body), count));
  response.end('data: [DONE]\n\n');
}

function end(how: Break, response: Response): void {
  // A stalled answer is left open: it ends when the client goes away.
  if (how === 'reset') response.socket?.resetAndDestroy();
  else if (how === 'truncate') response.end();
}

async function answerWhole(
  body: RequestBody,
  performance: Performance,
  response: Response,
  gone: AbortSignal,
): Promise<void> {
  await pause(performance.thinksMs, gone);
  if (gone.aborted) return;
  const tokens = [...performance.tokens];
  response.json(new Completion(body.model).document(tokens.join(''), promptTokens(body), tokens.length));
}

function promptTokens({ messages }: RequestBody): number {
  return messages.reduce((sum, message) => sum + [...tokensOf(message.content)].length, 0);
}

async function drained(response: Response, gone: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal: gone });
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}
