import { m } from '#lib/language/admin-messages.svelte.ts';
import type { AuditOutcome } from '#protocol';

/** The areas of acts that the page offers as a filter; a newer server may know more. */
export const AREAS = [
  'user',
  'session',
  'token',
  'identity',
  'invitation',
  'announcement',
  'model',
  'logging',
  'audit',
  'sign_in',
  'admin',
] as const;

/** The name of an area; an act, or an area of a newer server, is shown as it is. */
export const areaName = (area: string): string => (isArea(area) ? m[`audit_area_${area}`]() : area);

export const outcomeName = (outcome: AuditOutcome): string => m[`audit_outcome_${outcome}`]();

export const isArea = (value: string): value is (typeof AREAS)[number] => (AREAS as readonly string[]).includes(value);
