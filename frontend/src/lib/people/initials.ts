const HUES = 12;

/** The first letters of the first and the last word of a name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...(word ?? '')][0]?.toUpperCase() ?? '').join('');
}

/** A hue in degrees that is always the same for an id: one of twelve, which can be told apart. */
export function hueOf(id: string): number {
  // The end of a UUIDv7 is random; its beginning is the time.
  const end = Number.parseInt(id.slice(-6), 16);
  return Number.isNaN(end) ? 0 : (end % HUES) * (360 / HUES);
}
