import type { AuditEntry } from '#protocol';

/** A sentence in pieces; `isName` marks who is spoken of. */
export interface SentencePart {
  readonly text: string;
  readonly isName?: boolean;
}

/** What an entry of the audit tells, as a sentence: "ada@example.com made grace@example.com an admin". */
export function auditSentence(entry: AuditEntry): readonly SentencePart[] {
  const actor = { text: actorOf(entry), isName: true };
  const target = { text: entry.targetEmail ?? 'a user', isName: true };
  switch (entry.action) {
    case 'user.role_changed':
      return [actor, { text: ' changed the role of ' }, target, { text: roleChange(entry.detail) }];
    case 'user.disabled':
      return [actor, { text: ' disabled the account of ' }, target];
    case 'user.enabled':
      return [actor, { text: ' enabled the account of ' }, target];
    default:
      return unknownAct(actor, entry);
  }
}

/** Nobody who has an account: the command line, or the list of first admins. */
function actorOf({ actorId, actorEmail, detail }: AuditEntry): string {
  if (actorEmail !== null) return actorEmail;
  if (actorId !== null) return 'A former user';
  return detail['reason'] === 'ADMIN_EMAILS' ? 'ADMIN_EMAILS' : 'The command line';
}

function roleChange({ from, to }: AuditEntry['detail']): string {
  const before = typeof from === 'string' ? ` from ${from}` : '';
  const after = typeof to === 'string' ? ` to ${to}` : '';
  return before + after;
}

/** A newer server may record acts that this page has no words for: say what is known. */
function unknownAct(actor: SentencePart, { action, targetEmail }: AuditEntry): readonly SentencePart[] {
  const words = action.replaceAll(/[._:-]+/g, ' ').trim();
  const about = targetEmail === null ? [] : [{ text: ' on ' }, { text: targetEmail, isName: true }];
  return [actor, { text: `: ${words}` }, ...about];
}
