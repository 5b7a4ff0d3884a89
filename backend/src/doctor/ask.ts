import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { codeOf } from '../config/checks/system-reason.js';

const MAX_BODY = 256 * 1024;

interface AskOptions {
  readonly signal: AbortSignal;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A response. After an upgrade, `status` is 101 and `text` is what the server has sent first. */
export interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** When the certificate of the server ends, as it says so itself; `undefined` without TLS. */
  readonly certificateEnds: string | undefined;
}

/**
 * Sends one request on a connection of its own, without following redirects, and closes the connection.
 * @throws what the socket throws
 */
export function ask(url: URL, { signal, method = 'GET', headers = {}, body = '' }: AskOptions): Promise<Asked> {
  const { promise, resolve, reject } = Promise.withResolvers<Asked>();
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const sent = send(url, { method, headers: { 'User-Agent': 'Lockstep', ...headers }, signal, agent: false });
  sent.on('error', reject);
  sent.once('response', (response) => {
    const certificateEnds = endOfCertificate(response.socket);
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.length > MAX_BODY) sent.destroy();
    });
    response.on('error', reject);
    response.once('close', () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, certificateEnds }),
    );
  });
  sent.once('upgrade', (response, socket, head) => {
    const end = (first: Buffer): void => {
      socket.destroy();
      resolve({ status: 101, headers: response.headers, text: first.toString('latin1'), certificateEnds: undefined });
    };
    socket.on('error', reject);
    if (head.length > 0) return end(head);
    socket.once('data', end);
    socket.once('close', () => end(Buffer.alloc(0)));
  });
  sent.end(body);
  return promise;
}

const endOfCertificate = (socket: unknown): string | undefined =>
  socket instanceof TLSSocket ? socket.getPeerCertificate().valid_to : undefined;

/** Codes of OpenSSL and Node for certificates and handshakes that are not accepted. */
const TLS = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO|HOSTNAME_|INVALID_|CRL_|ERROR_IN_)/;

export const isTlsCode = (code: string): boolean => TLS.test(code);

/** The reasons that operators meet most, by the codes of the system and of OpenSSL. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name cannot be looked up',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'no answer in time',
  ABORT_ERR: 'no answer in time',
  EHOSTUNREACH: 'the network does not lead there',
  ENETUNREACH: 'the network does not lead there',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificates between it and its authority are missing',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
  EPROTO: 'the server does not speak TLS',
};

/** Why a host was not reached, for people; the code of an unknown reason. */
export function networkReason(error: unknown): string {
  const code = firstCode(error);
  return REASONS[code] ?? (code === '' ? messageOf(error) : code);
}

/** The code of an error, or of the first error of several attempts. */
export const firstCode = (error: unknown): string =>
  codeOf(error) || (error instanceof AggregateError ? codeOf(error.errors[0]) : '');

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
