import { ChatError, type ErrorCode } from '../protocol/index.js';

/** What looks like a name in a program, and not like a sentence. */
const NAME = /^[\w.-]{1,60}$/;
const FAULTS: ReadonlySet<string> = new Set<ErrorCode>(['storage', 'internal']);

/** Whether a code of the protocol says that the server has failed, and not that it has refused something. */
export const isFaultCode = (code: string): boolean => FAULTS.has(code);

/** The kind of an error: its code or its class. Never its message, which may quote a question, an address or a key. */
export function faultOf(error: unknown): { readonly kind: string; readonly isFault: boolean } {
  if (error instanceof ChatError) return { kind: error.code, isFault: isFaultCode(error.code) };
  if (!(error instanceof Error)) return { kind: '_OTHER', isFault: true };
  const code = 'code' in error ? error.code : undefined;
  const kind = [code, error.name].find((name): name is string => typeof name === 'string' && NAME.test(name));
  return { kind: kind ?? '_OTHER', isFault: true };
}
