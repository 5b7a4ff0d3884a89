/**
 * A model for measurements, in a separate process: an OpenAI-compatible server that answers with numbered tokens at the
 * pace that the question sets (see `answer-plan.ts`).
 *
 * Not the model of `backend/testing/`, which writes token by token and waits for each: of a burst that one sends 20,000
 * tokens a second where this one sends 300,000 and Lockstep passes on 400,000 (11 to 13 µs of processor a token, not 1).
 *
 *     PORT=4400 node bench/speed/load/upstream.ts
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { type AnswerPlan, readPlan } from './answer-plan.ts';
import { nowMicros } from './clock.ts';
import { tokenText } from './token-text.ts';

/** Tokens of a burst in one write. */
const BURST_TOKENS = 64;

interface Request {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

const chunk = (choice: string, rest = ''): string =>
  `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench","system_fingerprint":"fp_bench","choices":[${choice}]${rest}}\n\n`;
const choice = (delta: string, reason = 'null'): string =>
  `{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${reason}}`;
const said = (text: string): string => chunk(choice(`{"content":"${text}"}`));

class PacedAnswer {
  readonly #response: ServerResponse;
  readonly #plan: AnswerPlan;
  #sent = 0;
  #dueAt: number;

  constructor(response: ServerResponse, plan: AnswerPlan) {
    this.#response = response;
    this.#plan = plan;
    this.#dueAt = nowMicros() + plan.waitMs * 1e3;
  }

  /** Writes the tokens that are due, and schedules itself for the next one. */
  run(): void {
    if (this.#response.destroyed) return;
    if (this.#plan.rate === 0) this.#burst();
    else this.#pace(1e6 / this.#plan.rate);
  }

  #pace(intervalMicros: number): void {
    let text = '';
    for (; this.#dueAt <= nowMicros() && this.#sent < this.#plan.tokens; this.#dueAt += intervalMicros) {
      text += this.#next();
    }
    if (text !== '') this.#response.write(text);
    if (this.#sent === this.#plan.tokens) this.#end();
    else setTimeout(() => this.run(), Math.max(1, Math.ceil((this.#dueAt - nowMicros()) / 1e3)));
  }

  #burst(): void {
    let text = '';
    for (let at = 0; at < BURST_TOKENS && this.#sent < this.#plan.tokens; at += 1) text += this.#next();
    const mayGoOn = this.#response.write(text);
    if (this.#sent === this.#plan.tokens) this.#end();
    else if (mayGoOn) setImmediate(() => this.run());
    else this.#response.once('drain', () => this.run());
  }

  #next(): string {
    const text = said(tokenText(this.#sent, nowMicros()));
    this.#sent += 1;
    return text;
  }

  #end(): void {
    const usage = `,"usage":{"prompt_tokens":10,"completion_tokens":${this.#sent},"total_tokens":${this.#sent + 10}}`;
    this.#response.end(`${chunk(choice('{}', '"stop"'))}${chunk('', usage)}data: [DONE]\n\n`);
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') {
    response.end();
    return;
  }
  const { messages } = (await json(request)) as Request;
  const question = JSON.stringify(messages.findLast(({ role }) => role === 'user')?.content ?? '');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk(choice('{"role":"assistant","content":""}')));
  new PacedAnswer(response, readPlan(question)).run();
}

createServer({ noDelay: true }, (request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error as Error));
}).listen(Number(process.env['PORT']), '127.0.0.1');
