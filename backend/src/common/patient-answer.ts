import type { Response } from 'express';
import { problemOf } from './problem.js';

/**
 * Answers with the result of `work` as JSON, and sends line breaks while it takes long, because most proxies close a
 * connection after a minute of silence. JSON parsers ignore line breaks before the value.
 *
 * The first line break is sent with the status 200. For a later error the body is the usual problem document, but only
 * the document has the right status.
 * @param everyMs the interval of the line breaks, in milliseconds
 * @throws what `work` throws, if the status was not sent yet
 */
export async function answerPatiently(response: Response, everyMs: number, work: Promise<object>): Promise<void> {
  const timer = setInterval(() => {
    if (!response.headersSent) {
      // Otherwise nginx would buffer such small pieces.
      response.status(200).type('application/json').setHeader('X-Accel-Buffering', 'no');
    }
    response.write('\n');
  }, everyMs);
  response.once('close', () => clearInterval(timer));
  try {
    send(response, await work);
  } catch (error) {
    if (!response.headersSent) throw error;
    send(response, problemOf(error).problem);
  } finally {
    clearInterval(timer);
  }
}

function send(response: Response, answer: object): void {
  if (response.headersSent) response.end(JSON.stringify(answer));
  else response.status(200).json(answer);
}
