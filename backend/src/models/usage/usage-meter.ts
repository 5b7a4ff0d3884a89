import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import type { Usage } from '../../protocol/index.js';
import { costMicros } from './model-cost.js';
import type { ReplySettings, Turn } from '../model-request.js';
import { type Amount, EXPECTED_REPLY_TOKENS, type ExpectedUse } from './expected-use.js';
import { promptTokens } from './prompt-tokens.js';
import { systemPromptOf } from '../text/system-prompt.js';
import { estimateTokens } from './token-estimate.js';

/** The texts of a prompt and of its reply, which may be incomplete. */
export interface CountedTurn {
  readonly settings: ReplySettings;
  readonly history: readonly Turn[];
  readonly reply: string;
}

/** Calculates the cost of replies, and estimates the tokens that a provider did not count. */
@Injectable()
export class UsageMeter {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** The usage with its cost, if the model has a price. */
  priced(model: string, usage: Usage): Usage {
    const price = this.config.models.prices.get(model);
    return price ? { ...usage, costMicros: costMicros(usage, price) } : usage;
  }

  /**
   * What a reply is expected to use, estimated before the model is asked. A model without a price uses no money; any
   * other one uses at least a millionth.
   */
  expected(model: string, { settings, history }: Omit<CountedTurn, 'reply'>): ExpectedUse {
    const { inputTokens } = this.estimated(model, { settings, history, reply: '' });
    const amount = (outputTokens: number): Amount => {
      const { costMicros: cost } = this.priced(model, { inputTokens, outputTokens });
      return { tokens: inputTokens + outputTokens, micros: cost === undefined ? 0 : Math.max(1, cost) };
    };
    const { maxOutputTokens } = settings;
    return {
      whole: amount(maxOutputTokens ?? EXPECTED_REPLY_TOKENS),
      least: amount(maxOutputTokens ?? 1),
    };
  }

  /** An estimated usage with its cost, by the same estimate that limits the length of prompts. */
  estimated(model: string, { settings, history, reply }: CountedTurn): Usage {
    const { models } = this.config;
    const systemPrompt = systemPromptOf(settings, models);
    return this.priced(model, {
      inputTokens: promptTokens(history, { systemPrompt, contextTokens: models.contextTokens }),
      outputTokens: estimateTokens(reply),
      estimated: true,
    });
  }
}
