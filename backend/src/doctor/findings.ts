import type { CheckArea, Finding, FindingId, FindingStatus } from '../protocol/http/index.js';

type Params = Finding['params'];
/** A finding of a check whose area is known. */
export type Found = Omit<Finding, 'area'>;

const found =
  (status: FindingStatus) =>
  (id: FindingId, params: Params = {}): Found => ({ id, status, params });

export const ok = found('ok');
export const note = found('note');
export const problem = found('problem');

/** One part of the diagnosis. It only reads, and must stop when its signal is aborted. */
export interface Check {
  readonly area: CheckArea;
  /** The longest time that it may take, in milliseconds. */
  readonly limitMs: number;
  readonly run: (signal: AbortSignal) => Promise<readonly Found[]> | readonly Found[];
}
