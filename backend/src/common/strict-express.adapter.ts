import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express, RequestHandler } from 'express';
import { refuseOtherMethods } from './other-methods.js';

/** Express under Nest, with more to say about a request that no route takes than that nothing is there. */
export class StrictExpressAdapter extends ExpressAdapter {
  constructor(
    private readonly web: Express,
    /** Who may answer before it is a problem document. */
    private readonly fallback: RequestHandler | undefined,
  ) {
    super(web);
  }

  /** Nest calls it when all routes are there. */
  override setNotFoundHandler(...parameters: Parameters<ExpressAdapter['setNotFoundHandler']>): void {
    this.use(refuseOtherMethods(this.web));
    if (this.fallback) this.use(this.fallback);
    super.setNotFoundHandler(...parameters);
  }
}
