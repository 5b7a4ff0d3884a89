import { BaseCallbackHandler } from '@langchain/core/callbacks/base';

/**
 * Does nothing, under the name of LangSmith's tracer. LangChain adds that tracer by itself where `LANGSMITH_TRACING` is
 * set, or `LANGCHAIN_TRACING` to any value, unless a handler has its name. Prompts and replies would leave the house
 * by a variable that was meant for another program.
 */
export class Untraced extends BaseCallbackHandler {
  readonly name = 'langchain_tracer';
}
