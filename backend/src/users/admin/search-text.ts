/** What an admin's search looks through. Folded here, since SQLite folds the case of ASCII letters only. */
export const searchTextOf = (user: { readonly name: string; readonly email: string }): string =>
  fold(`${user.name}\n${user.email}`);

/** A pattern for `like ... escape '\'` that finds the words as they were typed, wildcards and all. */
export const searchPattern = (words: string): string => `%${fold(words).replace(/[\\%_]/g, String.raw`\$&`)}%`;

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
