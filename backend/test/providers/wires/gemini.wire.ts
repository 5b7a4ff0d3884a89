import { numberIn, type Refused, sse, textsIn, type Wire } from './wire.js';

const REASONS = { stop: 'STOP', limit: 'MAX_TOKENS', refused: 'SAFETY' } as const;
const candidate = (parts: readonly object[], more: object = {}, counts: object = {}): string =>
  sse({
    candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
    ...counts,
    modelVersion: 'gemini-2.5-flash',
  });
const refused = (code: number, status: string, message: string, reason?: string): Refused => ({
  status: code,
  body: {
    error: {
      code,
      message,
      status,
      ...(reason && { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }] }),
    },
  },
});

/** Gemini's `streamGenerateContent`. */
export const geminiWire: Wire = {
  name: 'Gemini',
  model: 'google-genai:gemini-2.5-flash',
  env: { GOOGLE_API_KEY: 'AIza-test' },
  path: '',
  contentType: 'text/event-stream',
  ping: '',
  answer(pieces, ending) {
    // Usage comes with each chunk, as a running total; the chunk in the middle has none.
    const said = pieces.map((text, index) =>
      candidate(
        [{ text }],
        {},
        index === 1
          ? {}
          : { usageMetadata: { promptTokenCount: 7, candidatesTokenCount: index + 1, totalTokenCount: 8 + index } },
      ),
    );
    if (ending === 'nothing') return said;
    if (ending === 'error')
      return [...said, sse({ error: { code: 503, message: 'overloaded', status: 'UNAVAILABLE' } })];
    const usageMetadata = {
      promptTokenCount: 7,
      candidatesTokenCount: pieces.length - 1,
      thoughtsTokenCount: 1,
      totalTokenCount: 7 + pieces.length,
    };
    return [...said, candidate([{ text: '' }], { finishReason: REASONS[ending] }, { usageMetadata })];
  },
  thoughts: (text) => [candidate([{ text, thought: true }])],
  refusal(kind) {
    switch (kind) {
      case 'bad key':
        return refused(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', 'API_KEY_INVALID');
      case 'unknown model':
        return refused(404, 'NOT_FOUND', 'models/gemini-2.5-flash is not found for API version v1beta');
      case 'unreadable request':
        return refused(422, 'INVALID_ARGUMENT', 'Invalid JSON payload received.');
      case 'too many requests':
        return refused(
          429,
          'RESOURCE_EXHAUSTED',
          'You exceeded your current quota, please check your plan and billing details.',
        );
      case 'no credit':
        return refused(402, 'FAILED_PRECONDITION', 'Billing is not enabled.');
      case 'too long':
        return refused(
          400,
          'INVALID_ARGUMENT',
          'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
        );
      case 'mistake in the server':
        return refused(500, 'INTERNAL', 'An internal error has occurred.');
      case 'overloaded':
        return refused(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');
      case 'temperature':
        return refused(400, 'INVALID_ARGUMENT', 'temperature is not supported by this model');
    }
  },
  read(body) {
    const config = body['generationConfig'] as Record<string, unknown> | undefined;
    return { temperature: numberIn(config?.['temperature']), texts: textsIn(body, ['text']) };
  },
};
