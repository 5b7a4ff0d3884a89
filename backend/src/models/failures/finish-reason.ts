import type { RunErrorCode } from '../../protocol/index.js';

/** The finish reasons of incomplete answers, under all the names that providers use. */
const FAILURES: ReadonlyMap<string, RunErrorCode> = new Map(
  Object.entries({
    model_length: [
      'length',
      'max_tokens',
      'max_output_tokens',
      'max_completion_tokens',
      'max_length',
      'token_limit',
      'model_length',
      'model_context_window_exceeded',
      'context_length_exceeded',
      'error_limit',
      'incomplete',
    ],
    model_refused: [
      'content_filter',
      'content_filtered',
      'content-filter',
      'refusal',
      'safety',
      'image_safety',
      'recitation',
      'language',
      'blocklist',
      'prohibited_content',
      'spii',
      'sensitive',
      'error_toxic',
      'guardrail_intervened',
      'guardrails',
      'moderation',
    ],
    model_unavailable: [
      'error',
      'network_error',
      'server_error',
      'internal_error',
      'insufficient_system_resource',
      'overloaded',
      'failed',
    ],
    model_truncated: [
      'abort',
      'aborted',
      'cancel',
      'canceled',
      'cancelled',
      'user_cancel',
      'interrupted',
      'timeout',
      'other',
      'malformed_response',
    ],
  } satisfies Partial<Record<RunErrorCode, string[]>>).flatMap(([code, reasons]) =>
    reasons.map((reason) => [reason, code as RunErrorCode] as const),
  ),
);

/**
 * The error that a finish reason stands for; `undefined` for a regular end, and for unknown reasons.
 */
export const failureOf = (reason: string): RunErrorCode | undefined => FAILURES.get(reason.toLowerCase());
