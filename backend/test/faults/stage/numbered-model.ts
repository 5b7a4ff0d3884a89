import { setTimeout as delay } from 'node:timers/promises';
import type { ModelAnswer } from '../../../testing/model/model-answer.js';
import { ModelServer } from '../../../testing/model/model-server.js';
import type { ReceivedRequest } from '../../../testing/model/completion-request.js';
import { says } from '../../../testing/model/script.js';

/** How the model answers one question. */
export interface PlanOptions {
  /** How many tokens the whole answer has. */
  readonly tokens?: number;
  /** Pause before each token. */
  readonly delayMs?: number;
  /** Writes one token; the default is its number and a space. */
  readonly token?: (number: number) => string;
  /** Answers in another way than with all tokens; called for each attempt, counted from 1. */
  readonly play?: (attempt: Attempt) => Promise<void>;
  /** How many requests are allowed: more than one only if `play` fails before the first token. */
  readonly attempts?: number;
}

/** A question, its answer in numbered tokens, and how many of them were sent. */
export class Plan {
  /** How many requests arrived. */
  asked = 0;
  /** The most tokens that any attempt has sent. */
  sent = 0;
  private readonly waiting: { count: number; wake: () => void }[] = [];

  constructor(
    readonly question: string,
    readonly options: PlanOptions,
  ) {}

  get length(): number {
    return this.options.tokens ?? 20;
  }

  token(number: number): string {
    return this.options.token?.(number) ?? `${number} `;
  }

  /** The text of the first `count` tokens. */
  text(count = this.length): string {
    return Array.from({ length: count }, (_, number) => this.token(number)).join('');
  }

  /** Resolves once `count` tokens were sent. */
  reached(count: number): Promise<void> {
    if (this.sent >= count) return Promise.resolve();
    return new Promise((wake) => this.waiting.push({ count, wake }));
  }

  /** Records that the model has sent this many tokens. */
  report(sent: number): void {
    this.sent = Math.max(this.sent, sent);
    for (const { count, wake } of this.waiting) if (count <= this.sent) wake();
  }
}

/** One attempt at an answer: sends the tokens in order, and gives access to the raw answer for failures. */
export class Attempt {
  private next = 0;

  constructor(
    readonly plan: Plan,
    readonly answer: ModelAnswer,
    readonly request: ReceivedRequest,
    readonly number: number,
  ) {}

  /** Sends the next tokens, all that are left by default. */
  async tokens(count = this.plan.length - this.next): Promise<void> {
    for (let sent = 0; sent < count; sent += 1) {
      if (this.plan.options.delayMs) await delay(this.plan.options.delayMs);
      await this.answer.text(this.plan.token(this.next));
      this.next += 1;
      this.plan.report(this.next);
    }
  }

  /** Ends the answer like a model that has finished. */
  async end(): Promise<void> {
    await this.answer.finish('stop');
    await this.answer.usage({ prompt_tokens: 7, completion_tokens: this.next });
    await this.answer.done();
  }
}

/** A model that answers planned questions in numbered tokens, any number of them at once. */
export class NumberedModel implements AsyncDisposable {
  private readonly plans = new Map<string, Plan>();

  private constructor(private readonly server: ModelServer) {
    server.titles = says(['Numbers']);
    server.otherwise = (answer, request) => this.answer(answer, request);
  }

  static async start(): Promise<NumberedModel> {
    return new NumberedModel(await ModelServer.start());
  }

  get port(): number {
    return Number(new URL(this.server.baseUrl).port);
  }

  /** The number of answers in progress. */
  get openAnswers(): number {
    return this.server.openAnswers;
  }

  /** Plans the answer to `question`. */
  plan(question: string, options: PlanOptions = {}): Plan {
    const plan = new Plan(question, options);
    this.plans.set(question, plan);
    return plan;
  }

  forget({ question }: Plan): void {
    this.plans.delete(question);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }

  private async answer(answer: ModelAnswer, request: ReceivedRequest): Promise<void> {
    const question = request.body.messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const plan = this.plans.get(question);
    if (!plan) return answer.refuse(400, { message: 'this question was not planned' }, {});
    plan.asked += 1;
    const attempt = new Attempt(plan, answer, request, plan.asked);
    if (plan.options.play) return plan.options.play(attempt);
    await attempt.tokens();
    await attempt.end();
  }
}
