import type { RequestHandler } from 'express';
import { underSpan } from '../../tracing/span.js';
import type { Tracing } from '../../tracing/tracing.js';
import { currentRequestId } from '../request-id.js';

/**
 * Answers HTTP requests under a span, which continues the trace of the header `traceparent`. Paths are recorded as
 * patterns such as `/api/users/:id`; queries, headers and addresses are not.
 */
export function traceRequests(tracing: Tracing): RequestHandler {
  return (request, response, next) => {
    const { method } = request;
    const traceparent = request.headers['traceparent'];
    const span = tracing.begin(method, {
      role: 'server',
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
      attributes: { 'http.request.method': method, 'lockstep.request.id': currentRequestId() },
    });
    if (!span) return next();
    response.once('close', () => {
      const { statusCode, writableFinished } = response;
      const route = (request.route as { readonly path?: unknown } | undefined)?.path;
      if (typeof route === 'string') {
        span.rename(`${method} ${route}`);
        span.set({ 'http.route': route });
      }
      span.set({ 'http.response.status_code': statusCode });
      if (statusCode >= 500) span.failed(String(statusCode));
      else if (!writableFinished) span.set({ 'error.type': 'client_closed' });
      span.end();
    });
    underSpan(span, next);
  };
}
