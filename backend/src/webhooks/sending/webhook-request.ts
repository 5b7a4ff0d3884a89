import { once } from 'node:events';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { Webhook as Signer } from 'standardwebhooks';
import { dateOf } from '../../clock.js';
import type { DeliveryFailure } from '../../protocol/index.js';

const DEADLINE_MS = 10_000;
const GONE = 410;

export interface WebhookRequest {
  readonly url: string;
  /** The same for each attempt, so that the receiver recognises an event that it has already processed. */
  readonly id: string;
  /** When the attempt begins, in milliseconds since 1970. */
  readonly at: number;
  readonly body: string;
  /** One signature for each of them. */
  readonly secrets: readonly string[];
  readonly allowsPrivate: boolean;
  readonly signal: AbortSignal;
}

/** The answer to a request, or why there is none. */
export interface Outcome {
  readonly answerStatus: number | null;
  /** `null` after a status of 2xx. */
  readonly failure: DeliveryFailure | null;
  /** The receiver wants no more requests (410). */
  readonly isGone: boolean;
}

/**
 * Refuses to connect to addresses that are not public. It checks the address that a name resolves to, and connects to
 * the same one, so a name cannot be changed in between (DNS rebinding).
 */
const publicHosts = new RequestFilteringHttpsAgent({ keepAlive: false });

/**
 * Sends an event to a webhook, signed as in Standard Webhooks 1.0, and waits up to ten seconds for the status. The body
 * of the answer is not read, and redirects are not followed.
 * @throws the reason of `signal` when it is aborted
 */
export async function sendWebhook(wanted: WebhookRequest): Promise<Outcome> {
  const { url, body, allowsPrivate, signal } = wanted;
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const options = {
    method: 'POST',
    headers: headersOf(wanted),
    agent: allowsPrivate ? (false as const) : publicHosts,
    signal: AbortSignal.any([signal, deadline]),
  };
  try {
    const request = url.startsWith('https:') ? requestHttps(url, options) : requestHttp(url, options);
    request.end(body);
    // `once` rejects with the error of the request.
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.destroy();
    return outcomeOf(response.statusCode ?? 0);
  } catch (error) {
    signal.throwIfAborted();
    return { answerStatus: null, failure: deadline.aborted ? 'timeout' : failureOf(error), isGone: false };
  }
}

function headersOf({ id, at, body, secrets }: WebhookRequest): Record<string, string | number> {
  const date = dateOf(at);
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Lockstep',
    'webhook-id': id,
    'webhook-timestamp': Math.floor(at / 1_000),
    'webhook-signature': secrets.map((secret) => new Signer(secret).sign(id, date, body)).join(' '),
  };
}

function outcomeOf(answerStatus: number): Outcome {
  const isGone = answerStatus === GONE;
  if (answerStatus >= 200 && answerStatus < 300) return { answerStatus, failure: null, isGone };
  return { answerStatus, failure: answerStatus >= 300 && answerStatus < 400 ? 'redirect' : 'status', isGone };
}

/** The library has only a text for its refusal. */
const failureOf = (error: unknown): DeliveryFailure =>
  error instanceof Error && /is not allowed\. Because,? It is/.test(error.message) ? 'private_address' : 'unreachable';
