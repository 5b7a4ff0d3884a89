import { numberIn, type Refused, sse, textsIn, type Wire } from './wire.js';

const chunk = (delta: object, more: object = {}): string =>
  sse({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  });
const REASONS = { stop: 'stop', limit: 'length', refused: 'content_filter' } as const;
const refused = (status: number, error: object): Refused => ({ status, body: { error: { param: null, ...error } } });

/** OpenAI's chat completions, and servers compatible with them. */
export const openAiWire: Wire = {
  name: 'OpenAI-compatible',
  model: 'gpt-4.1',
  env: {},
  path: '/v1',
  contentType: 'text/event-stream',
  ping: ': ping\n\n',
  answer(pieces, ending) {
    const said = pieces.map((content) => chunk({ role: 'assistant', content }));
    if (ending === 'nothing') return said;
    if (ending === 'error') return [...said, sse({ error: { message: 'boom', type: 'server_error', code: 500 } })];
    const usage = { prompt_tokens: 7, completion_tokens: pieces.length, total_tokens: 7 + pieces.length };
    return [...said, chunk({}, { finish_reason: REASONS[ending] }), sse({ choices: [], usage }), 'data: [DONE]\n\n'];
  },
  thoughts: (text) => [
    chunk({ reasoning_content: text }),
    chunk({ content: `<think>${text}` }),
    chunk({ content: '</think>\n\n' }),
  ],
  refusal(kind) {
    switch (kind) {
      case 'bad key':
        return refused(401, {
          message: 'Incorrect API key provided',
          type: 'invalid_request_error',
          code: 'invalid_api_key',
        });
      case 'unknown model':
        return refused(404, { message: 'The model does not exist', code: 'model_not_found' });
      case 'unreadable request':
        return {
          status: 422,
          body: { detail: [{ loc: ['body', 'messages'], msg: 'field required', type: 'missing' }] },
        };
      case 'too many requests':
        return refused(429, { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' });
      case 'no credit':
        return refused(429, {
          message: 'You exceeded your current quota',
          type: 'insufficient_quota',
          code: 'insufficient_quota',
        });
      case 'too long':
        return refused(400, {
          message: "This model's maximum context length is 8192 tokens.",
          code: 'context_length_exceeded',
        });
      case 'mistake in the server':
        return refused(500, { message: 'boom', type: 'server_error' });
      case 'overloaded':
        return refused(503, { message: 'The engine is overloaded', type: 'overloaded' });
      case 'temperature':
        return refused(400, { message: 'Not supported', param: 'temperature', code: 'unsupported_value' });
    }
  },
  read: (body) => ({ temperature: numberIn(body['temperature']), texts: textsIn(body['messages'], ['content']) }),
};
