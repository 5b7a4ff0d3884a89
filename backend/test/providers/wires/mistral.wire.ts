import { numberIn, type Refused, sse, textsIn, type Wire } from './wire.js';

const REASONS = { stop: 'stop', limit: 'length', refused: 'content_filter', error: 'error' } as const;
const chunk = (delta: object, reason: string | null = null, more: object = {}): string =>
  sse({
    id: 'cmpl-1',
    object: 'chat.completion.chunk',
    created: 1_769_088_720,
    model: 'mistral-small-latest',
    choices: [{ index: 0, delta, finish_reason: reason }],
    ...more,
  });
const refused = (status: number, type: string, message: string, code: string | null = null): Refused => ({
  status,
  body: { object: 'error', message, type, param: null, code },
});

/** Mistral's chat completions, through its own package. */
export const mistralWire: Wire = {
  name: 'Mistral',
  model: 'mistralai:mistral-small-latest',
  env: { MISTRAL_API_KEY: 'test' },
  path: '',
  contentType: 'text/event-stream',
  ping: '',
  answer(pieces, ending) {
    const said = pieces.map((content) => chunk({ role: 'assistant', content }));
    if (ending === 'nothing') return said;
    const usage = { prompt_tokens: 7, completion_tokens: pieces.length, total_tokens: 7 + pieces.length };
    return [...said, chunk({ content: '' }, REASONS[ending], { usage }), 'data: [DONE]\n\n'];
  },
  thoughts: (text) => [
    chunk({ role: 'assistant', content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] }),
  ],
  refusal(kind) {
    switch (kind) {
      case 'bad key':
        return { status: 401, body: { message: 'Unauthorized', request_id: '1' } };
      case 'unknown model':
        return refused(404, 'invalid_model', 'Invalid model: mistral-small-latest', '1500');
      case 'unreadable request':
        return {
          status: 422,
          body: { detail: [{ loc: ['body', 'messages'], msg: 'Field required', type: 'missing' }] },
        };
      case 'too many requests':
        return refused(429, 'rate_limited', 'Requests rate limit exceeded', '1300');
      case 'no credit':
        return { status: 402, body: { detail: 'You have no credit left' } };
      case 'too long':
        return refused(
          400,
          'invalid_request_prompt',
          'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
          '3051',
        );
      case 'mistake in the server':
        return refused(500, 'internal_server_error', 'Service unavailable.', '1000');
      case 'overloaded':
        return refused(503, 'service_unavailable', 'Service unavailable.');
      case 'temperature':
        return refused(400, 'invalid_request_error', 'temperature is not supported by this model');
    }
  },
  read: (body) => ({ temperature: numberIn(body['temperature']), texts: textsIn(body['messages'], ['content']) }),
};
