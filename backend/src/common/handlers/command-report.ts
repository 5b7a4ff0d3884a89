import type { Reply } from '../../protocol/index.js';
import { telemetry } from '../../telemetry.js';

/** Returns a function that reports the answer to a command of a client, whose time begins now. */
export function commandReport(command: string): (reply: Reply<unknown>) => void {
  const startedAt = performance.now();
  return (reply) => {
    const result = reply.ok ? 'ok' : reply.error.code;
    telemetry.commandAnswered.publish({ command, result, durationMs: performance.now() - startedAt });
  };
}
