/**
 * Where a caret belongs after the text around it was replaced from elsewhere: beside what it stood beside, as far as
 * that is still there. At the end it stays at the end: one goes on there. Positions count UTF-16 units.
 */
export function caretAfter(before: string, after: string, caret: number): number {
  if (caret === before.length) return after.length;
  const shorter = Math.min(before.length, after.length);
  let same = 0;
  while (same < shorter && before[same] === after[same]) same += 1;
  if (caret <= same) return caret;
  let sameAtEnd = 0;
  while (sameAtEnd < shorter - same && before.at(-1 - sameAtEnd) === after.at(-1 - sameAtEnd)) sameAtEnd += 1;
  const fromEnd = Math.min(before.length - caret, sameAtEnd);
  return after.length - fromEnd;
}
