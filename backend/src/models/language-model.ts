import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { BaseMessage } from '@langchain/core/messages';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { within } from '../common/within.js';
import { needsPackage } from '../config/model-ids.js';
import type { ModelList, OfferedModel } from '../protocol/index.js';
import { telemetry } from '../telemetry.js';
import { ModelError } from './model-error.js';
import type { ModelRequest, ReplySink } from './model-request.js';
import { openModel } from './open-model.js';
import { readReply } from './reply.js';
import type { ReplyLimits } from './reply-deadlines.js';
import { type CallWatch, traceCall } from './tracing/call-span.js';
import { systemPromptOf } from './text/system-prompt.js';
import { samplingOf } from './sampling.js';
import type { ReplySource } from './reply-source.js';
import type { LangSmith } from './tracing/langsmith.js';

/** The longest wait for a title. */
const TITLE_WALL_CLOCK_MS = 30_000;
const TITLE_MAX_ANSWER_LENGTH = 1_000;
/** How long LangSmith has to receive the rest when the server stops. */
const LAST_RUNS_MS = 500;

/** Asks the language models of the configuration for replies and titles. */
@Injectable()
export class LanguageModel implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(LanguageModel.name);
  private readonly sources = new Map<string, Promise<ReplySource>>();
  private langSmith: Promise<LangSmith> | undefined;
  private prepared: Promise<void> | undefined;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** The ids of the offered models, the default first. */
  get allowed(): readonly string[] {
    return this.config.models.allowed;
  }

  /** The offered models with their prices, as far as these are configured. */
  offered(): ModelList {
    const { prices, currency } = this.config.models;
    const items = this.allowed.map((id): OfferedModel => {
      const price = prices.get(id);
      return price ? { id, price } : { id };
    });
    return { items, currency, nextCursor: null };
  }

  /** @throws ConfigError when the package that a model needs is not installed. */
  async onModuleInit(): Promise<void> {
    // Other models need no package that could be missing, and are opened at their first request.
    await Promise.all(this.allowed.filter(needsPackage).map((id) => this.sourceOf(id)));
  }

  async onApplicationShutdown(): Promise<void> {
    const langSmith = await this.langSmith;
    // What LangSmith does not accept is reported by its client.
    if (langSmith) await within(LAST_RUNS_MS, langSmith.sent()).catch(() => undefined);
  }

  /** Loads the modules that the first request needs, some tenths of a second of work, ahead of that request. */
  prepare(): void {
    // Errors are reported by the first request.
    this.prepared ??= Promise.all([import('./prompt.js'), ...this.allowed.slice(0, 1).map((id) => this.sourceOf(id))])
      .then(() => undefined)
      .catch(() => undefined);
  }

  /**
   * Streams the reply to the last message of `history` into `sink`, and resolves at its end. The texts, joined in
   * order, are the reply, without repetition: a failed request is repeated only while the sink has been given nothing,
   * at most twice and after growing pauses (while a model is being loaded, for as long as the first token may take).
   *
   * A reply that reaches the provider's limit (`finish_reason: length`) fails with `model_length`, a reply without text
   * with `model_empty`. The configured deadlines do not run while `sink` works, except for `wallClockMs`. To stop,
   * abort `signal`: the connection is closed at once, the sink is not called again, and the promise rejects with the
   * signal's `reason`. An error that `sink` throws ends the reply too.
   * @throws ModelError for everything else that ends a reply early; text that the sink was given remains valid
   */
  async reply(request: ModelRequest, sink: ReplySink): Promise<void> {
    request.signal.throwIfAborted();
    const { models } = this.config;
    const { history, settings } = request;
    const systemPrompt = systemPromptOf(settings, models);
    const { contextTokens } = models;
    const { writePrompt } = await import('./prompt.js');
    await this.ask(request, await writePrompt(history, { systemPrompt, contextTokens }), models, sink);
  }

  /**
   * Generates a short title for a conversation, in its language: one line of at most 80 UTF-16 units.
   * @throws ModelError, or the reason of `signal`, like `reply`
   */
  async title(request: ModelRequest): Promise<string> {
    request.signal.throwIfAborted();
    const { models } = this.config;
    const { cleanTitle, titlePrompt } = await import('./titles/title.js');
    const limits = { ...models, wallClockMs: TITLE_WALL_CLOCK_MS, maxReplyLength: TITLE_MAX_ANSWER_LENGTH };
    let answer = '';
    // The settings of the conversation are meant for replies only.
    const { settings: _ofReplies, ...plain } = request;
    const sink: ReplySink = { text: (text) => (answer += text), usage: () => undefined };
    await this.ask(plain, titlePrompt(request.history), limits, sink);
    const title = cleanTitle(answer);
    if (title === '') throw new ModelError('model_bad_response');
    return title;
  }

  private ask(request: ModelRequest, messages: BaseMessage[], limits: ReplyLimits, sink: ReplySink): Promise<void> {
    return traceCall(request, this.config.models, sink, (watch) => this.askWatched(request, messages, limits, watch));
  }

  private async askWatched(
    { model, settings, stop, requestId, signal }: ModelRequest,
    messages: BaseMessage[],
    limits: ReplyLimits,
    { sink, failed }: CallWatch,
  ): Promise<void> {
    const source = await this.sourceOf(model);
    const onFailure = (failure: ModelError, attempt: number): void => {
      const { code, details, isLoading } = failure;
      telemetry.modelFailed.publish({ kind: code, model });
      failed(failure, attempt);
      // While a model is being loaded, the request fails every second.
      const level = isLoading && attempt > 1 ? 'debug' : 'warn';
      this.logger[level]({ msg: 'A model call failed', requestId, model, attempt, code, ...details });
    };
    const sampling = samplingOf(settings);
    await readReply({ source, messages, limits, sampling, stop, requestId, signal, onFailure }, sink);
  }

  private sourceOf(id: string): Promise<ReplySource> {
    // The model may have been removed from the configuration since the run was started.
    if (!this.allowed.includes(id)) throw new ModelError('model_unavailable');
    const known = this.sources.get(id);
    if (known) return known;
    const opened = this.open(id);
    this.sources.set(id, opened);
    return opened;
  }

  /** With `LANGCHAIN_TRACING` the requests of all models are also told to LangChain's callbacks. */
  private async open(id: string): Promise<ReplySource> {
    const { models } = this.config;
    const source = await openModel(id, models);
    if (!models.langSmith) return source;
    const config = models.langSmith;
    this.langSmith ??= import('./tracing/langsmith.js').then(({ openLangSmith }) => openLangSmith(config));
    const [{ tracer }, { CallbackSource }] = await Promise.all([
      this.langSmith,
      import('./tracing/callback-source.js'),
    ]);
    return new CallbackSource(id, source, tracer);
  }
}
