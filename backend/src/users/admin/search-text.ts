/** The text that the search of admins uses. Case is folded here, because SQLite folds ASCII letters only. */
export const searchTextOf = (user: { readonly name: string; readonly email: string }): string =>
  fold(`${user.name}\n${user.email}`);

interface AuditTexts {
  readonly actorEmail?: string | null;
  readonly targetEmail?: string | null;
  readonly action: string;
  readonly address?: string | null;
  readonly requestId?: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The same for an entry of the audit. */
export const auditTextOf = (entry: AuditTexts): string =>
  fold(
    [entry.actorEmail, entry.targetEmail, entry.action, entry.address, entry.requestId, JSON.stringify(entry.detail)]
      .map((text) => text ?? '')
      .join('\n'),
  );

/** A pattern for `like ... escape '\'` that finds the typed text, with wildcards escaped. */
export const searchPattern = (words: string): string => `%${fold(words).replace(/[\\%_]/g, String.raw`\$&`)}%`;

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
