import { numberIn, type Refused, sse, textsIn, type Wire } from './wire.js';

const typed = (data: { readonly type: string } & Record<string, unknown>): string => sse(data, data.type);
const REASONS = { stop: 'end_turn', limit: 'max_tokens', refused: 'refusal' } as const;
const refused = (status: number, type: string, message: string): Refused => ({
  status,
  body: { type: 'error', error: { type, message }, request_id: 'req_1' },
});
const begin = typed({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    // The first token is already counted here, and again at the end.
    usage: { input_tokens: 7, output_tokens: 1 },
  },
});
const block = (index: number, content: object, deltas: readonly object[]): string[] => [
  typed({ type: 'content_block_start', index, content_block: content }),
  ...deltas.map((delta) => typed({ type: 'content_block_delta', index, delta })),
];

/** Anthropic's Messages API. */
export const anthropicWire: Wire = {
  name: 'Anthropic',
  model: 'anthropic:claude-sonnet-4-5',
  env: { ANTHROPIC_API_KEY: 'sk-ant-test' },
  path: '',
  contentType: 'text/event-stream',
  ping: typed({ type: 'ping' }),
  answer(pieces, ending) {
    const deltas = pieces.map((text) => ({ type: 'text_delta', text }));
    const said = [begin, ...block(0, { type: 'text', text: '' }, deltas)];
    if (ending === 'nothing') return said;
    if (ending === 'error')
      return [...said, typed({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })];
    return [
      ...said,
      typed({ type: 'content_block_stop', index: 0 }),
      typed({
        type: 'message_delta',
        delta: { stop_reason: REASONS[ending], stop_sequence: null },
        usage: { output_tokens: pieces.length },
      }),
      typed({ type: 'message_stop' }),
    ];
  },
  thoughts: (text) => [
    begin,
    ...block(0, { type: 'thinking', thinking: '' }, [{ type: 'thinking_delta', thinking: text }]),
    typed({ type: 'content_block_stop', index: 0 }),
  ],
  refusal(kind) {
    switch (kind) {
      case 'bad key':
        return refused(401, 'authentication_error', 'invalid x-api-key');
      case 'unknown model':
        return refused(404, 'not_found_error', 'model: claude-sonnet-4-5');
      case 'unreadable request':
        return refused(422, 'invalid_request_error', 'messages: field required');
      case 'too many requests':
        return refused(429, 'rate_limit_error', 'This request would exceed your rate limit');
      case 'no credit':
        return refused(400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.');
      case 'too long':
        return refused(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum');
      case 'mistake in the server':
        return refused(500, 'api_error', 'Internal server error');
      case 'overloaded':
        return refused(529, 'overloaded_error', 'Overloaded');
      case 'temperature':
        return refused(400, 'invalid_request_error', '`temperature` is deprecated for this model.');
    }
  },
  read: (body) => ({ temperature: numberIn(body['temperature']), texts: textsIn(body, ['content', 'text', 'system']) }),
};
