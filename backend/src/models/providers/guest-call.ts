import { AsyncLocalStorage } from 'node:async_hooks';
import { currentRunId } from '../../common/request-id.js';

const current = new AsyncLocalStorage<GuestCall>();

/**
 * One request that the package of a provider makes for us. What the package does later, on its own account, still
 * belongs to the request: an error that nobody waits for finds its way here.
 */
export class GuestCall {
  /** Aborts with the caller's, and when the request is over, whether or not the package has noticed. */
  readonly signal: AbortSignal;
  private readonly over = new AbortController();
  private readonly failed = Promise.withResolvers<never>();

  /** The run that it is made for, where it is for one. */
  readonly runId = currentRunId();

  /** @param alive told of each piece of the answer that arrives, whatever it holds */
  constructor(
    readonly model: string,
    readonly requestId: string,
    caller: AbortSignal,
    private readonly alive: () => void,
  ) {
    this.signal = AbortSignal.any([caller, this.over.signal]);
    this.signal.addEventListener('abort', () => this.failed.reject(this.signal.reason), { once: true });
    // It fails for those who wait for something then.
    this.failed.promise.catch(() => undefined);
  }

  /** The call that the running code belongs to, if it belongs to any. */
  static get current(): GuestCall | undefined {
    return current.getStore();
  }

  /**
   * Runs the package's code, and waits no longer for it than until the call is aborted or has failed elsewhere.
   * @throws what the code throws, the reason of the abort, or what `fail` was given
   */
  run<T>(work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    return Promise.race([current.run(this, work), this.failed.promise]);
  }

  /** The package broke, in code that nobody waits for. */
  fail(error: unknown): void {
    this.failed.reject(error);
  }

  /** Closes what the package may have left open. */
  end(): void {
    this.over.abort();
  }

  arrived(): void {
    if (!this.signal.aborted) this.alive();
  }
}

/** `fetch` for packages that take one: it ends with the call that it is made for, and tells of every byte. */
export async function guestFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const call = GuestCall.current;
  if (!call) return fetch(input, init);
  const signal = init.signal ? AbortSignal.any([init.signal, call.signal]) : call.signal;
  const response = await fetch(input, { ...init, signal });
  if (!response.ok || !response.body) return response;
  const told = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      call.arrived();
      controller.enqueue(bytes);
    },
  });
  return new Response(response.body.pipeThrough(told), response);
}

/** The same end for packages that show their requests before they send them. */
export const guestRequest = (request: Request): Request => {
  const call = GuestCall.current;
  return call ? new Request(request, { signal: call.signal }) : request;
};
