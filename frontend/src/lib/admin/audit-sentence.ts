import { m } from '#lib/language/admin-messages.svelte.ts';
import type { AuditEntry } from '#protocol';
import { beginningOf, roleList } from './announcements/announcement-texts.ts';
import { auditedBudgetText } from './budgets/budget-text.ts';
import { auditedAccessText } from './models/access-text.ts';
import { roleWord } from './format-role.ts';

/** A part of a sentence; `isName` marks the names of people, which are emphasised. */
export interface SentencePart {
  readonly text: string;
  readonly isName?: boolean;
}

/** Unicode isolates mark a name within the sentence; its position differs between languages. */
const marked = (name: string): string => `\u2068${name}\u2069`;

/** An audit entry as a sentence: "ada@example.com made grace@example.com an admin". */
export function auditSentence(entry: AuditEntry): readonly SentencePart[] {
  return sentence(entry)
    .split(/(\u2068[^\u2069]*\u2069)/)
    .filter((text) => text !== '')
    .map((text) => (text.startsWith('\u2068') ? { text: text.slice(1, -1), isName: true } : { text }));
}

function sentence(entry: AuditEntry): string {
  const actor = marked(actorOf(entry));
  const target = marked(entry.targetEmail ?? m.audit_a_user());
  switch (entry.action) {
    case 'user.role_changed':
      return roleChange(actor, target, entry.detail);
    case 'user.disabled':
      return m.audit_disabled({ actor, target });
    case 'user.enabled':
      return m.audit_enabled({ actor, target });
    case 'user.deleted':
      return entry.actorId === entry.targetId ? m.audit_deleted_own({ target }) : m.audit_deleted({ actor, target });
    case 'user.exported':
      return m.audit_exported({ actor, target });
    case 'conversation.exported':
      return m.audit_exported_conversation({ actor, target });
    case 'user.email_changed':
      return m.audit_email_changed({ target, to: marked(textOf(entry.detail['to'])) });
    case 'identity.linked':
      return m.audit_identity_linked({ target, provider: textOf(entry.detail['provider']) });
    case 'identity.unlinked':
      return m.audit_identity_unlinked({ target, provider: textOf(entry.detail['provider']) });
    case 'sign_in.failed':
      return failedSignIn(entry);
    case 'announcement.added':
      return m.audit_announced({ actor, text: quoted(entry.detail['text']), roles: rolesOf(entry.detail['roles']) });
    case 'announcement.withdrawn':
      return m.audit_announcement_withdrawn({ actor, text: quoted(entry.detail['text']) });
    case 'model.access_changed': {
      const { model, from, to } = entry.detail;
      const [before, after] = [auditedAccessText(from), auditedAccessText(to)];
      return m.audit_model_access({ actor, model: textOf(model), from: before, to: after });
    }
    case 'logging.changed':
      return m.audit_log_level_changed({ actor, from: textOf(entry.detail['from']), to: textOf(entry.detail['to']) });
    case 'run.stopped':
      return m.audit_run_stopped({ actor, target, model: textOf(entry.detail['model']) });
    case 'budget.set': {
      const { role, from: before, to: after } = entry.detail;
      const [from, to] = [auditedBudgetText(before), auditedBudgetText(after)];
      if (entry.targetEmail === null) return m.audit_budget_of_role({ actor, role: roleWord(textOf(role)), from, to });
      return m.audit_budget_of({ actor, target, from, to });
    }
    case 'token.created':
      return m.audit_token_created({ actor, name: marked(textOf(entry.detail['name'])) });
    case 'token.ended':
      return endedToken(actor, target, entry);
    case 'webhook.added':
      return m.audit_webhook_added({ actor, ...webhookOf(entry) });
    case 'webhook.changed':
      return m.audit_webhook_changed({ actor, ...webhookOf(entry) });
    case 'webhook.removed':
      return m.audit_webhook_removed({ actor, ...webhookOf(entry) });
    case 'webhook.secret_rolled':
      return m.audit_webhook_secret_rolled({ actor, ...webhookOf(entry) });
    case 'session.ended':
      return m.audit_session_ended({ actor, target });
    case 'session.all_ended':
      return m.audit_sessions_ended({ actor, target });
    case 'session.others_ended':
      return m.audit_sessions_others({ target });
    case 'identity.refused':
      return refusedLink(actor, entry.detail);
    case 'invitation.added':
      return m.audit_invited({ actor, ...invited(entry.detail) });
    case 'invitation.withdrawn':
      return m.audit_invitation_withdrawn({ actor, ...invited(entry.detail) });
    case 'invitation.used': {
      const inviter = marked(textOf(entry.detail['inviter']));
      return m.audit_invitation_used({ target, inviter, role: invited(entry.detail).role });
    }
    case 'audit.exported':
      return m.audit_saved({ actor });
    case 'admin.refused':
      return refusedAct(actor, target, entry.detail);
    default:
      return unknownAct(actor, entry);
  }
}

/** Without `actorEmail` and `actorId` the change came from the command line, `ADMIN_EMAILS` or the provider's claims. */
function actorOf({ actorId, actorEmail, detail }: AuditEntry): string {
  if (actorEmail !== null) return actorEmail;
  if (actorId !== null) return m.audit_former_user();
  if (detail['reason'] === 'provider') return m.audit_provider();
  return detail['reason'] === 'ADMIN_EMAILS' ? 'ADMIN_EMAILS' : m.audit_command_line();
}

function roleChange(actor: string, target: string, { from, to }: AuditEntry['detail']): string {
  if (typeof to !== 'string') return m.audit_role_changed({ actor, target });
  if (typeof from !== 'string') return m.audit_role_changed_to({ actor, target, to: roleWord(to) });
  return m.audit_role_changed_from_to({ actor, target, from: roleWord(from), to: roleWord(to) });
}

function endedToken(actor: string, target: string, { detail, actorId, targetId }: AuditEntry): string {
  const name = marked(textOf(detail['name']));
  if (detail['reason'] === 'disabled') return m.audit_token_ended_disabled({ target, name });
  const isOwn = targetId === null || actorId === targetId;
  return isOwn ? m.audit_token_ended({ actor, name }) : m.audit_token_ended_of({ actor, target, name });
}

const webhookOf = ({ detail: { name, host } }: AuditEntry) => ({ name: marked(textOf(name)), host: textOf(host) });
function refusedAct(actor: string, target: string, { reason, act }: AuditEntry['detail']): string {
  if (reason === 'last_admin') return m.audit_last_admin({ actor, target });
  if (reason === 'role_by_provider') return m.audit_role_by_provider({ actor, target });
  return m.audit_refused({ actor, act: textOf(act) });
}

function refusedLink(actor: string, { reason, provider }: AuditEntry['detail']): string {
  return reason === 'identity_taken'
    ? m.audit_identity_refused({ actor, provider: textOf(provider) })
    : m.audit_link_refused({ actor });
}

const invited = ({ email, role }: AuditEntry['detail']): { email: string; role: string } => ({
  email: marked(textOf(email)),
  role: roleWord(textOf(role)),
});

/** The e-mail is known when the provider sent one, even an unverified one. */
function failedSignIn({ targetEmail, detail }: AuditEntry): string {
  const reason = signInReason(textOf(detail['reason']));
  const email = targetEmail ?? detail['email'];
  return typeof email === 'string'
    ? m.audit_sign_in_failed_of({ target: marked(email), reason })
    : m.audit_sign_in_failed({ reason });
}

function signInReason(code: string): string {
  switch (code) {
    case 'access_denied':
    case 'account_disabled':
    case 'email_missing':
    case 'email_unverified':
    case 'email_verification_missing':
    case 'expired':
    case 'state_mismatch':
    case 'wrong_domain':
    case 'provider_error':
    case 'provider_misconfigured':
    case 'provider_unavailable':
    case 'code_expired':
    case 'code_foreign':
    case 'code_reused':
    case 'code_unknown':
    case 'token_reused':
      return m[`audit_reason_${code}`]();
    default:
      return code.replaceAll('_', ' ');
  }
}

/** The beginning of a text, without the characters that mark names. */
const quoted = (value: unknown): string => beginningOf(textOf(value)).replaceAll(/[\u2068\u2069]/g, '');

const rolesOf = (value: unknown): string => roleList(Array.isArray(value) ? value.map(textOf) : []);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A newer server may record actions that this page has no text for: show what is known. */
function unknownAct(actor: string, { action, targetEmail }: AuditEntry): string {
  const words = action.replaceAll(/[._:-]+/g, ' ').trim();
  if (targetEmail === null) return m.audit_unknown({ actor, action: words });
  return m.audit_unknown_on({ actor, action: words, target: marked(targetEmail) });
}
