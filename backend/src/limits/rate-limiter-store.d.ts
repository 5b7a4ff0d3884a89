/** Its main file does not export the class, but the package declares it, and its stores are built on it. */
declare module 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js' {
  import { type RateLimiterRes, RateLimiterStoreAbstract as Declared } from 'rate-limiter-flexible';

  /** The methods that a store implements, and those that it may override; not in the package's own declarations. */
  export default abstract class RateLimiterStoreAbstract extends Declared {
    /** Milliseconds until a key is no longer blocked in memory; 0 if it is not. */
    protected getInMemoryBlockMsBeforeExpire(key: string): number;
    protected abstract _getRateLimiterRes(key: string, changed: number, stored: unknown): RateLimiterRes;
    protected abstract _get(key: string, options: object): Promise<unknown>;
    protected abstract _delete(key: string, options: object): Promise<boolean>;
    protected abstract _upsert(
      key: string,
      points: number,
      durationMs: number,
      isForced: boolean,
      options: object,
    ): Promise<unknown>;
  }
}
