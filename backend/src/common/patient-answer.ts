import type { Response } from 'express';
import { problemOf } from './problem.js';

/**
 * Answers with what `work` resolves to, as JSON, and keeps the connection alive for as long as that takes: proxies cut
 * one that stays silent, most of them after a minute. Line breaks before a JSON value mean nothing to who parses it.
 *
 * The first of them takes the status along, 200: an error that comes later is the same problem document with the
 * status inside alone.
 * @param everyMs how long nothing may be sent
 * @throws what `work` throws while there is still a status to choose
 */
export async function answerPatiently(response: Response, everyMs: number, work: Promise<object>): Promise<void> {
  const timer = setInterval(() => {
    if (!response.headersSent) {
      // nginx would hold such small pieces back from whoever waits behind it.
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
