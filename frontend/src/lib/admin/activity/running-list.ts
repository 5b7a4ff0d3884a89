import { type ActiveRun, MAX_LISTED_RUNS, type RunsChange } from '#protocol';

/** The list after a change; runs that are listed already and ends of others may occur. The longest-running is first. */
export function afterChange(list: readonly ActiveRun[], { started, ended }: RunsChange): readonly ActiveRun[] {
  const gone = new Set([...ended, ...started.map(({ id }) => id)]);
  return [...list.filter(({ id }) => !gone.has(id)), ...started].sort(
    (a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1),
  );
}

/** Whether the list must be read again: the event left something out, or one was lost with its process. */
export const isIncomplete = (list: readonly ActiveRun[], { active, more }: RunsChange): boolean =>
  more === true || list.length !== Math.min(active, MAX_LISTED_RUNS);
