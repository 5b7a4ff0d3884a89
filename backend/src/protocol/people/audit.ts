/**
 * How an act of the audit ended, as its name says: `sign_in.failed` has failed, `admin.refused` was refused, and all
 * others were carried out.
 */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** The outcome of an act by its name. */
export const outcomeOf = (action: string): AuditOutcome =>
  AUDIT_OUTCOMES.find((outcome) => action.endsWith(`.${outcome}`)) ?? 'done';
