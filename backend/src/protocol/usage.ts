import type { Usage } from './views.js';

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0 };

/** Both together. A cost that is known for one of them alone is kept: it is the least that was paid. */
export function addUsage(a: Usage, b: Usage): Usage {
  const isPriced = a.costMicros !== undefined || b.costMicros !== undefined;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    ...(isPriced && { costMicros: (a.costMicros ?? 0) + (b.costMicros ?? 0) }),
    ...((a.estimated || b.estimated) && { estimated: true }),
  };
}
