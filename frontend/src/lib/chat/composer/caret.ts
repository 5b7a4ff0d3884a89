/**
 * The new position of a caret after the text was replaced from elsewhere: next to the same characters, as far as they
 * still exist. A caret at the end stays at the end, where the user is typing. Positions count UTF-16 units.
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
