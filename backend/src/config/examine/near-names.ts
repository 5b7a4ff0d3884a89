import leven from 'leven';

/** In short names two changes lead from one word to another: HOME is not a misspelled HOST. */
const LONG = 8;

/** The known name that a name was probably meant to be; `undefined` if none is close. */
export function nearName(name: string, known: readonly string[]): string | undefined {
  const upper = name.toUpperCase();
  const most = name.length < LONG ? 1 : 2;
  const distances = known.map((one) => ({ one, distance: leven(upper, one) }));
  return distances.filter(({ distance }) => distance <= most).sort((a, b) => a.distance - b.distance)[0]?.one;
}
