import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import type { Usage } from '../../protocol/index.js';
import { costMicros } from './model-cost.js';
import type { ReplySettings, Turn } from '../model-request.js';
import { promptTokens } from './prompt-tokens.js';
import { estimateTokens } from './token-estimate.js';

/** What has been asked and answered, in texts; `reply` may have broken off. */
export interface CountedTurn {
  readonly settings: ReplySettings;
  readonly history: readonly Turn[];
  readonly reply: string;
}

/** Counts what a reply used where its provider does not, and what it costs. */
@Injectable()
export class UsageMeter {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** The usage with its cost, where the model has a price. */
  priced(model: string, usage: Usage): Usage {
    const price = this.config.models.prices.get(model);
    return price ? { ...usage, costMicros: costMicros(usage, price) } : usage;
  }

  /** The same by the estimate of tokens that also cuts prompts to length. */
  estimated(model: string, { settings, history, reply }: CountedTurn): Usage {
    const { systemPrompt, contextTokens } = this.config.models;
    return this.priced(model, {
      inputTokens: promptTokens(history, { systemPrompt: settings.systemPrompt ?? systemPrompt, contextTokens }),
      outputTokens: estimateTokens(reply),
      estimated: true,
    });
  }
}
