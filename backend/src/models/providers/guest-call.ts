import { AsyncLocalStorage } from 'node:async_hooks';
import { currentRunId } from '../../common/request-id.js';

const current = new AsyncLocalStorage<GuestCall>();

/**
 * One request that is made by the package of a provider. Asynchronous work that the package does later still belongs to
 * the request: `ProcessFaults` passes its uncaught errors to `fail`.
 */
export class GuestCall {
  /** Aborts with the caller's signal, and at the end of the request, even if the package has not noticed that end. */
  readonly signal: AbortSignal;
  private readonly over = new AbortController();
  private readonly failed = Promise.withResolvers<never>();

  /** The run that the request belongs to, if any. */
  readonly runId = currentRunId();

  /** @param alive called for each piece of the response that arrives, whatever its content */
  constructor(
    readonly model: string,
    readonly requestId: string,
    caller: AbortSignal,
    private readonly alive: () => void,
  ) {
    this.signal = AbortSignal.any([caller, this.over.signal]);
    this.signal.addEventListener('abort', () => this.failed.reject(this.signal.reason), { once: true });
    // The rejection matters only to `run`; without a handler it would be an unhandled rejection.
    this.failed.promise.catch(() => undefined);
  }

  /** The call that the running code belongs to, if any. */
  static get current(): GuestCall | undefined {
    return current.getStore();
  }

  /**
   * Runs code of the package; stops waiting for it when the call is aborted or has failed elsewhere.
   * @throws what the code throws, the reason of the abort, or the error given to `fail`
   */
  run<T>(work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    return Promise.race([current.run(this, work), this.failed.promise]);
  }

  /** Fails the call, after an error in code of the package that no promise reports. */
  fail(error: unknown): void {
    this.failed.reject(error);
  }

  /** Ends the call: closes connections that the package may have left open. */
  end(): void {
    this.over.abort();
  }

  arrived(): void {
    if (!this.signal.aborted) this.alive();
  }
}

/** `fetch` for packages that accept one: it is aborted with its call, and reports every piece of the response. */
export async function guestFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const call = GuestCall.current;
  if (!call) return fetch(input, init);
  const signal = init.signal ? AbortSignal.any([init.signal, call.signal]) : call.signal;
  const response = await fetch(input, { ...init, signal });
  if (!response.ok || !response.body) return response;
  const observed = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      call.arrived();
      controller.enqueue(bytes);
    },
  });
  return new Response(response.body.pipeThrough(observed), response);
}

/** For packages that call a hook before they send a request: the request is aborted with its call. */
export const guestRequest = (request: Request): Request => {
  const call = GuestCall.current;
  return call ? new Request(request, { signal: call.signal }) : request;
};
