import type { OutgoingHttpHeaders } from 'node:http';
import { callbackify } from 'node:util';
import { type dataCallback, OAuth2 } from 'oauth';
import { ProviderFailure } from './provider-failure.js';

const MAX_ANSWER_LENGTH = 100_000;

/**
 * The OAuth client of passport-oauth2 with another way of asking: its own waits for ever, follows redirects and takes
 * HTML for an answer. Callers get a JSON object or an error.
 */
export class ProviderClient extends OAuth2 {
  constructor(
    clientId: string,
    clientSecret: string,
    authorizationUrl: string,
    tokenUrl: string,
    private readonly deadlineMs: number,
  ) {
    super(clientId, clientSecret, '', authorizationUrl, tokenUrl);
    // Or the access token would be part of the address of the userinfo request, and so in logs.
    this.useAuthorizationHeaderforGET(true);
  }

  protected override _request(
    method: string,
    url: string,
    headers: OutgoingHttpHeaders | null,
    body: unknown,
    _accessToken: string | null,
    callback: dataCallback,
  ): void {
    const init = {
      method,
      headers: { accept: 'application/json', ...(headers as Record<string, string> | null) },
      ...(typeof body === 'string' && body !== '' && { body }),
      redirect: 'manual' as const,
      signal: AbortSignal.timeout(this.deadlineMs),
    };
    callbackify(() => this.ask(url, init))((error, answer) => {
      if (error) callback(failureOf(error));
      else callback(NO_ERROR, answer);
    });
  }

  private async ask(url: string, init: RequestInit): Promise<string> {
    const response = await fetch(url, init);
    const text = await response.text();
    const { status } = response;
    if (!response.ok) {
      const code = refusalOf(text);
      throw new ProviderFailure(`refused with ${status}${code === undefined ? '' : `, ${code}`}`, { status, code });
    }
    if (text.length > MAX_ANSWER_LENGTH || !parseObject(text)) {
      throw new ProviderFailure('answered something else than a JSON object', { status });
    }
    return text;
  }
}

/** The types know the callback of failures only; the library itself passes `null` when all went well. */
const NO_ERROR = null as unknown as Parameters<dataCallback>[0];

/**
 * What the library hands on as it is. It takes `data` and `statusCode` for an answer to read by itself: there are none.
 */
const failureOf = (error: unknown): Parameters<dataCallback>[0] => {
  const failure =
    error instanceof ProviderFailure ? error : new ProviderFailure('could not be reached in time', { cause: error });
  return failure as unknown as Parameters<dataCallback>[0];
};

/** RFC 6749, section 5.2: the code is for programs, and the only part that is worth a line in the log. */
function refusalOf(text: string): string | undefined {
  const code = parseObject(text)?.['error'];
  return typeof code === 'string' ? code.slice(0, 100) : undefined;
}

export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
