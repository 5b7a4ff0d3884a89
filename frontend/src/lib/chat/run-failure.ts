import type { RunErrorCode } from '#protocol';

interface RunFailure {
  readonly title: string;
  readonly sentence: string;
}

/** What happened to a reply, and what the reader can do about it. */
export const RUN_FAILURES: Record<RunErrorCode, RunFailure> = {
  model_auth: {
    title: 'The model could not be asked',
    sentence: 'The key for the model is missing or not accepted. Tell your admin.',
  },
  model_rate_limited: {
    title: 'The model is in great demand',
    sentence: 'It takes no more questions for the moment. Try again in a minute.',
  },
  model_unavailable: { title: 'The model cannot be reached', sentence: 'It did not answer. Try again in a moment.' },
  model_timeout: { title: 'The reply took too long', sentence: 'The model stopped answering. What arrived is kept.' },
  model_truncated: { title: 'The reply was cut off', sentence: 'The model stopped answering. What arrived is kept.' },
  model_refused: {
    title: 'The model declined to answer',
    sentence: 'Its provider holds the question or the reply back. Try other words.',
  },
  model_bad_response: {
    title: 'The model answered something unreadable',
    sentence: 'What arrived before that is kept. Try again.',
  },
  model_too_long: {
    title: 'The reply became too long',
    sentence: 'It was ended at the longest length allowed here. What arrived is kept.',
  },
  context_length: {
    title: 'This conversation is too long for the model',
    sentence: 'Send a shorter message, or go on in a new chat.',
  },
  storage: {
    title: 'The reply could not be stored',
    sentence: 'The server ran out of space. What was stored before is kept.',
  },
  internal: { title: 'Something went wrong', sentence: 'The reply ended on the server. What arrived is kept.' },
};
