import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { BaseMessage } from '@langchain/core/messages';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { needsPackage } from '../config/model-ids.js';
import type { ModelList, OfferedModel } from '../protocol/index.js';
import { ModelError } from './model-error.js';
import type { ModelRequest, ReplySink } from './model-request.js';
import { openModel } from './open-model.js';
import { readReply } from './reply.js';
import type { ReplyLimits } from './reply-deadlines.js';
import { samplingOf } from './sampling.js';
import type { ReplySource } from './reply-source.js';

/** A title is worth a short wait only. */
const TITLE_WALL_CLOCK_MS = 30_000;
const TITLE_MAX_ANSWER_LENGTH = 1_000;

/** The language models that the configuration allows. */
@Injectable()
export class LanguageModel implements OnModuleInit {
  private readonly logger = new Logger(LanguageModel.name);
  private readonly sources = new Map<string, Promise<ReplySource>>();
  private prepared: Promise<void> | undefined;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Ids of the models that may be asked, the default first. */
  get allowed(): readonly string[] {
    return this.config.models.allowed;
  }

  /** The same with what they cost, where that is known. */
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
    // The others need nothing that could be missing, and are opened when they are asked.
    await Promise.all(this.allowed.filter(needsPackage).map((id) => this.sourceOf(id)));
  }

  /** Loads what the first question needs, some tenths of a second's work, so that it need not wait for that. */
  prepare(): void {
    // What goes wrong is reported to the one who asks.
    this.prepared ??= Promise.all([import('./prompt.js'), ...this.allowed.slice(0, 1).map((id) => this.sourceOf(id))])
      .then(() => undefined)
      .catch(() => undefined);
  }

  /**
   * Asks for the reply to the last message of `history` and gives it to `sink` while it comes: the texts together are
   * the reply. Resolves at its end. Nothing is given twice: a failed request is repeated, at most twice and with a
   * growing pause, only while nothing has been given.
   *
   * A reply that is cut by the provider's own limit (`finish_reason: length`) fails with `model_length`, one without any
   * text with `model_empty`. The clocks of the configuration stand still while `sink` works, except for `wallClockMs`. To stop, abort `signal`: the connection closes at once,
   * nothing more is given, and the promise rejects with the signal's `reason`. What `sink` throws ends the reply too.
   * @throws ModelError for everything else that ends a reply early; what was given until then remains valid.
   */
  async reply(request: ModelRequest, sink: ReplySink): Promise<void> {
    request.signal.throwIfAborted();
    const { models } = this.config;
    const { history, settings } = request;
    const systemPrompt = settings?.systemPrompt ?? models.systemPrompt;
    const { contextTokens } = models;
    const { writePrompt } = await import('./prompt.js');
    await this.ask(request, await writePrompt(history, { systemPrompt, contextTokens }), models, sink);
  }

  /**
   * A short title for the conversation, in its language: one line of 80 UTF-16 units at most.
   * @throws ModelError, or the reason of `signal`, as `reply` does.
   */
  async title(request: ModelRequest): Promise<string> {
    request.signal.throwIfAborted();
    const { models } = this.config;
    const { cleanTitle, titlePrompt } = await import('./titles/title.js');
    const limits = { ...models, wallClockMs: TITLE_WALL_CLOCK_MS, maxReplyLength: TITLE_MAX_ANSWER_LENGTH };
    let answer = '';
    // A title is no reply: what the owner has set for replies is not meant for it.
    const { settings: _ofReplies, ...plain } = request;
    const sink: ReplySink = { text: (text) => (answer += text), usage: () => undefined };
    await this.ask(plain, titlePrompt(request.history), limits, sink);
    const title = cleanTitle(answer);
    if (title === '') throw new ModelError('model_bad_response');
    return title;
  }

  private async ask(
    { model, settings, requestId, signal }: ModelRequest,
    messages: BaseMessage[],
    limits: ReplyLimits,
    sink: ReplySink,
  ): Promise<void> {
    const source = await this.sourceOf(model);
    const onFailure = ({ code, details, isLoading }: ModelError, attempt: number): void => {
      // A model that is being loaded says so each second.
      const level = isLoading && attempt > 1 ? 'debug' : 'warn';
      this.logger[level]({ msg: 'A model call failed', requestId, model, attempt, code, ...details });
    };
    await readReply({ source, messages, limits, sampling: samplingOf(settings), requestId, signal, onFailure }, sink);
  }

  private sourceOf(id: string): Promise<ReplySource> {
    // A model may have been taken off the list after a conversation was begun with it.
    if (!this.allowed.includes(id)) throw new ModelError('model_unavailable');
    const known = this.sources.get(id);
    if (known) return known;
    const opened = openModel(id, this.config.models);
    this.sources.set(id, opened);
    return opened;
  }
}
