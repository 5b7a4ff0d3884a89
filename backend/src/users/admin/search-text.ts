/** The text that the search of admins uses. Case is folded here, because SQLite folds ASCII letters only. */
export const searchTextOf = (user: { readonly name: string; readonly email: string }): string =>
  fold(`${user.name}\n${user.email}`);

/** A pattern for `like ... escape '\'` that finds the typed text, with wildcards escaped. */
export const searchPattern = (words: string): string => `%${fold(words).replace(/[\\%_]/g, String.raw`\$&`)}%`;

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
