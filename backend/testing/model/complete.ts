import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { BodyTooLargeError } from '../request-body.ts';
import { type ReceivedRequest, readCompletion } from './completion-request.ts';
import { ModelAnswer } from './model-answer.ts';
import type { Script } from './script.ts';

/**
 * Answers `POST /chat/completions` with a script, and refuses invalid requests.
 * @param choose returns the script for a request
 */
export async function complete(
  request: IncomingMessage,
  response: ServerResponse,
  choose: (received: ReceivedRequest) => Script,
): Promise<void> {
  const closed = once(response, 'close').then(() => undefined);
  let received: ReceivedRequest;
  try {
    received = await readCompletion(request, closed);
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof SyntaxError || error instanceof BodyTooLargeError))
      throw error;
    const refusal = { message: 'The request is not a chat completion.', type: 'invalid_request_error' };
    new ModelAnswer(response, '').refuse(error instanceof BodyTooLargeError ? 413 : 400, refusal);
    return;
  }
  await choose(received)(new ModelAnswer(response, received.body.model), received);
}
