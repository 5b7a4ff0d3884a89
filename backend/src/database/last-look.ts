/**
 * Calls `late` after `ms`, but for what was read meanwhile. A process that did not run for so long finds its timers due
 * before it has read its sockets: what it waits for may be there. Were the connections of a busy machine given up for it,
 * all would be asked again, and it would be busier.
 * @returns to be called when it has come
 */
export function afterLastLook(ms: number, late: () => void): () => void {
  let look: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (look = setImmediate(late)), ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(look);
  };
}
