import { LangChainTracer } from '@langchain/core/tracers/tracer_langchain';
import { Client } from 'langsmith';
import type { LangSmithConfig } from '../../config/telemetry/langsmith-config.js';

/** What waits for LangSmith: 20 MB, after which runs are dropped. */
const MAX_WAITING_BYTES = 20 * 1024 * 1024;
const TIMEOUT_MS = 10_000;

/** LangChain's tracer for LangSmith, and a way to wait until everything is sent. */
export interface LangSmith {
  readonly tracer: LangChainTracer;
  /** Resolves when everything is sent or lost. */
  sent(): Promise<void>;
}

/** Sends runs in the background, with prompts and replies, to a server with LangSmith's API. */
export function openLangSmith({ apiKey, url, project }: LangSmithConfig): LangSmith {
  const client = new Client({
    apiKey,
    apiUrl: url,
    timeout_ms: TIMEOUT_MS,
    maxIngestMemoryBytes: MAX_WAITING_BYTES,
    // Name and version of the machine and its environment variables must not leave this machine.
    omitTracedRuntimeInfo: true,
  });
  const tracer = new LangChainTracer({ client, projectName: project });
  return { tracer, sent: () => client.awaitPendingTraceBatches() };
}
