import type { ConversationSummary } from '#protocol';
import { localeInView, m } from '#lib/language/messages.svelte.ts';

export interface ConversationGroup {
  readonly label: string;
  readonly conversations: readonly ConversationSummary[];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Start of a local day, by the calendar: with daylight saving a day may have 23 or 25 hours. */
const startOfDay = (at: number, daysBefore = 0): number => {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysBefore).getTime();
};

/** The heading for a moment: `Today`, `Yesterday`, `Previous 7 days`, or its month. */
export function ageLabel(at: number, now: number, locale = localeInView()): string {
  if (at >= startOfDay(now)) return m.conversations_today();
  if (at >= startOfDay(now, 1)) return m.conversations_yesterday();
  if (at >= startOfDay(now, 7)) return m.conversations_last_week();
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, { month: 'long', ...(!isThisYear && { year: 'numeric' }) }).format(at);
}

/** Groups a list that is in the sidebar's order; pinned conversations come first under their own heading. */
export function groupConversations(
  conversations: readonly ConversationSummary[],
  now: number,
  locale = localeInView(),
): ConversationGroup[] {
  const groups = new Map<string, ConversationSummary[]>();
  for (const conversation of conversations) {
    const label = conversation.pinned ? m.conversations_pinned() : ageLabel(conversation.updatedAt, now, locale);
    const group = groups.get(label);
    if (group) group.push(conversation);
    else groups.set(label, [conversation]);
  }
  return [...groups].map(([label, members]) => ({ label, conversations: members }));
}

/** Milliseconds until the labels change: the next midnight. */
export const untilTomorrow = (now: number): number => Math.max(1000, startOfDay(now + DAY_MS) - now);
