import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express, RequestHandler } from 'express';
import { refuseOtherMethods } from './other-methods.js';

/**
 * Nest's Express adapter, which answers requests without a route with 405 or the page where that fits better than 404.
 */
export class StrictExpressAdapter extends ExpressAdapter {
  constructor(
    private readonly web: Express,
    /** Handles requests without a route before they are answered with a problem document. */
    private readonly fallback: RequestHandler | undefined,
  ) {
    super(web);
  }

  /** Nest calls this after all routes are registered. */
  override setNotFoundHandler(...parameters: Parameters<ExpressAdapter['setNotFoundHandler']>): void {
    this.use(refuseOtherMethods(this.web));
    if (this.fallback) this.use(this.fallback);
    super.setNotFoundHandler(...parameters);
  }
}
