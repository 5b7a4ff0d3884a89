import type { OutgoingHttpHeaders } from 'node:http';
import { callbackify } from 'node:util';
import { type dataCallback, OAuth2 } from 'oauth';
import { ProviderFailure } from './provider-failure.js';

const MAX_ANSWER_LENGTH = 100_000;

/**
 * The OAuth client of passport-oauth2 with another HTTP request function: the original has no timeout, follows
 * redirects and accepts HTML. Callers get a JSON object or an error.
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
    // Otherwise the access token would be in the URL of the userinfo request, and so in logs.
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
      throw new ProviderFailure('did not answer with a JSON object', { status });
    }
    return text;
  }
}

/** The types require an error, but the library itself passes `null` on success. */
const NO_ERROR = null as unknown as Parameters<dataCallback>[0];

/**
 * An error that the library passes on unchanged. It would parse the properties `data` and `statusCode`, so they are not
 * set.
 */
const failureOf = (error: unknown): Parameters<dataCallback>[0] => {
  const failure =
    error instanceof ProviderFailure ? error : new ProviderFailure('could not be reached in time', { cause: error });
  return failure as unknown as Parameters<dataCallback>[0];
};

/** The error code of a refusal (RFC 6749, section 5.2), which is the only part of it that is logged. */
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
