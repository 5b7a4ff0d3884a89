import type { CheckArea, Finding, FindingStatus, SettingSource } from '#protocol';
import { m } from '#lib/language/admin-messages.svelte.ts';
import { localeInView } from '#lib/language/messages.svelte.ts';

/** What was found, and what to do about it. */
export function findingText({ id, params }: Finding): string {
  const number = new Intl.NumberFormat(localeInView());
  const shown = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'number' ? number.format(value) : value]),
  );
  // A test of the server compares the places of every sentence with its parameters.
  const sentence = m[`check_${id}`] as (values: Record<string, string>) => string;
  return sentence(shown);
}

/** A sentence in parts: commands are written between backticks. */
export const commandParts = (sentence: string): readonly { readonly text: string; readonly isCommand: boolean }[] =>
  sentence
    .split('`')
    .map((text, index) => ({ text, isCommand: index % 2 === 1 }))
    .filter(({ text }) => text !== '');

export const areaTitle = (area: CheckArea): string => m[`system_area_${area}`]();
export const statusWord = (status: FindingStatus): string => m[`system_status_${status}`]();
export const sourceWord = (source: SettingSource): string => m[`system_source_${source}`]();
