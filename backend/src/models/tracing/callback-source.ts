import { CallbackManager, type CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import type { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import { AIMessage, type BaseMessage } from '@langchain/core/messages';
import { needsPackage, partsOf } from '../../config/model-ids.js';
import { toModelError } from '../failures/provider-failure.js';
import type { AskOptions, ChunkSink, ReplyChunk, ReplySource } from '../reply-source.js';

/**
 * Tells LangChain's callbacks of each request of another source: its messages, each token and the answer. The source
 * itself reads the answer as always, so replies do not depend on a callback; what a callback throws is ignored.
 */
export class CallbackSource implements ReplySource {
  constructor(
    private readonly id: string,
    private readonly source: ReplySource,
    private readonly handler: BaseCallbackHandler,
  ) {}

  async ask(messages: BaseMessage[], options: AskOptions, sink: ChunkSink): Promise<void> {
    const run = await this.begin(messages, options).catch(() => undefined);
    if (!run) return this.source.ask(messages, options, sink);
    const answer = new ReportedAnswer(run);
    try {
      await this.source.ask(messages, options, (chunk) => {
        answer.report(chunk);
        sink(chunk);
      });
      answer.end();
    } catch (error) {
      answer.fail(error, options.signal.aborted);
      throw error;
    }
  }

  private async begin(
    messages: BaseMessage[],
    { sampling, stop, requestId }: AskOptions,
  ): Promise<CallbackManagerForLLMRun | undefined> {
    // Without `configure`, which adds handlers by environment variables.
    const manager = new CallbackManager();
    manager.addHandler(this.handler);
    const isGuest = needsPackage(this.id);
    const { provider, model } = partsOf(this.id);
    const name = isGuest ? model : this.id;
    const parameters = { model: name, ...sampling, ...(stop && { stop }) };
    manager.addMetadata({
      ls_provider: isGuest ? provider : 'openai',
      ls_model_name: name,
      ls_model_type: 'chat',
      requestId,
    });
    const serialized = { lc: 1, type: 'not_implemented' as const, id: ['lockstep', 'models', name] };
    const extra = { invocation_params: parameters };
    const [run] = await manager.handleChatModelStart(serialized, [messages], undefined, undefined, extra);
    return run;
  }
}

/** The answer to one request, as it is reported to the callbacks. */
class ReportedAnswer {
  private text = '';
  private finishReason: string | undefined;
  private usage: { input_tokens: number; output_tokens: number; total_tokens: number } | undefined;

  constructor(private readonly run: CallbackManagerForLLMRun) {}

  report({ text, finishReason, usage }: ReplyChunk): void {
    this.finishReason = finishReason ?? this.finishReason;
    if (usage) this.usage = countsOf(usage);
    if (text === '') return;
    this.text += text;
    ignored(this.run.handleLLMNewToken(text));
  }

  end(): void {
    const { text, finishReason, usage } = this;
    const message = new AIMessage(text);
    if (finishReason !== undefined) message.response_metadata = { finish_reason: finishReason };
    if (usage) Object.assign(message, { usage_metadata: usage });
    ignored(this.run.handleLLMEnd({ generations: [[{ text, message } as { text: string }]] }));
  }

  /** The kind of the error alone: a provider's message may quote the key. */
  fail(error: unknown, isStopped: boolean): void {
    ignored(this.run.handleLLMError(new Error(isStopped ? 'stopped' : toModelError(error).code)));
  }
}

/** The counts of a provider, if they are numbers. */
function countsOf({ inputTokens, outputTokens }: NonNullable<ReplyChunk['usage']>) {
  const [input, output] = [Number(inputTokens), Number(outputTokens)];
  if (!Number.isSafeInteger(input) || !Number.isSafeInteger(output)) return undefined;
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

function ignored(reported: Promise<unknown>): void {
  reported.catch(() => undefined);
}
