import { numberIn, type Refused, textsIn, type Wire } from './wire.js';

const REASONS = { stop: 'stop', limit: 'length', refused: 'content_filter' } as const;
const line = (message: object, more: object = {}): string =>
  `${JSON.stringify({
    model: 'llama3.2',
    created_at: '2026-01-01T00:00:00Z',
    message: { role: 'assistant', content: '', ...message },
    done: false,
    ...more,
  })}\n`;
const refused = (status: number, error: string): Refused => ({ status, body: { error } });

/** Ollama's native chat API. */
export const ollamaWire: Wire = {
  name: 'Ollama',
  model: 'ollama:llama3.2',
  env: {},
  path: '',
  contentType: 'application/x-ndjson',
  ping: '\n',
  answer(pieces, ending) {
    const said = pieces.map((content) => line({ content }));
    if (ending === 'nothing') return said;
    if (ending === 'error')
      return [...said, `${JSON.stringify({ error: 'an error was encountered while running the model' })}\n`];
    const counts = { prompt_eval_count: 7, eval_count: pieces.length };
    return [...said, line({}, { done: true, done_reason: REASONS[ending], ...counts })];
  },
  thoughts: (text) => [line({ thinking: text })],
  refusal(kind) {
    switch (kind) {
      case 'bad key':
        return refused(401, 'unauthorized');
      case 'unknown model':
        return refused(404, "model 'llama3.2' not found");
      case 'unreadable request':
        return refused(422, 'invalid message format');
      case 'too many requests':
        return refused(429, 'too many concurrent requests');
      case 'no credit':
        return refused(402, 'you have used all your credit');
      case 'too long':
        return refused(400, 'the input length exceeds the context length');
      case 'mistake in the server':
        return refused(500, 'llama runner process has terminated: error loading model');
      case 'overloaded':
        return refused(503, 'server busy, please try again. maximum pending requests exceeded');
      case 'temperature':
        return refused(400, 'temperature is not supported by this model');
    }
  },
  read(body) {
    const options = body['options'] as Record<string, unknown> | undefined;
    return { temperature: numberIn(options?.['temperature']), texts: textsIn(body['messages'], ['content']) };
  },
};
