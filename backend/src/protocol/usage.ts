import type { Usage } from './views.js';

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0 };

/** The sum of two usages. If only one of them has a cost, that is the cost of the sum, as a lower bound. */
export function addUsage(a: Usage, b: Usage): Usage {
  const isPriced = a.costMicros !== undefined || b.costMicros !== undefined;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    ...(isPriced && { costMicros: (a.costMicros ?? 0) + (b.costMicros ?? 0) }),
    ...((a.estimated || b.estimated) && { estimated: true }),
  };
}
