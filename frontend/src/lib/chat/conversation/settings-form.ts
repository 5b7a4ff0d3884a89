import { type ConversationSettings, type PersonalTexts, MAX_SYSTEM_PROMPT_LENGTH } from '#protocol';

/** The text of each field; empty means unset, so the installation decides. */
export interface SettingsForm {
  systemPrompt: string;
  temperature: string;
  topP: string;
  maxOutputTokens: string;
  /** Whether the conversation keeps what its owner wrote about themselves. */
  keepsPersonal: boolean;
}

/** The allowed ranges, as in the protocol's schema. */
export const RANGES = {
  temperature: { least: 0, most: 2, isWhole: false },
  topP: { least: 0, most: 1, isWhole: false },
  maxOutputTokens: { least: 1, most: 1_000_000, isWhole: true },
} as const;

export type NumberField = keyof typeof RANGES;
export type SettingsField = Exclude<keyof SettingsForm, 'keepsPersonal'>;

export const formOf = (settings: ConversationSettings): SettingsForm => ({
  systemPrompt: settings.systemPrompt ?? '',
  temperature: settings.temperature?.toString() ?? '',
  topP: settings.topP?.toString() ?? '',
  maxOutputTokens: settings.maxOutputTokens?.toString() ?? '',
  keepsPersonal: settings.personal !== undefined,
});

/**
 * A number with a decimal point or comma; `undefined` for anything else. Whole numbers may contain neither: either one
 * may separate thousands, depending on the language.
 */
function parseNumber(field: NumberField, text: string): number | undefined {
  const form = RANGES[field].isWhole ? /^\d+$/ : /^\d*[.,]?\d+$/;
  return form.test(text) ? Number(text.replace(',', '.')) : undefined;
}

/** The fields with invalid values. */
export function faultsOf(form: SettingsForm): ReadonlySet<SettingsField> {
  const faults = new Set<SettingsField>();
  if (form.systemPrompt.trim().length > MAX_SYSTEM_PROMPT_LENGTH) faults.add('systemPrompt');
  for (const field of ['temperature', 'topP', 'maxOutputTokens'] as const) {
    const text = form[field].trim();
    const { least, most } = RANGES[field];
    const value = parseNumber(field, text);
    const isGood = value !== undefined && value >= least && value <= most;
    if (text !== '' && !isGood) faults.add(field);
  }
  return faults;
}

/**
 * The settings of a valid form; the model is not part of it.
 * @param personal the texts that the conversation has, which the form keeps or leaves out
 */
export function settingsOf(form: SettingsForm, personal?: PersonalTexts): Omit<ConversationSettings, 'model'> {
  const systemPrompt = form.systemPrompt.trim();
  const temperature = parseNumber('temperature', form.temperature.trim());
  const topP = parseNumber('topP', form.topP.trim());
  const maxOutputTokens = parseNumber('maxOutputTokens', form.maxOutputTokens.trim());
  return {
    ...(systemPrompt !== '' && { systemPrompt }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(form.keepsPersonal && personal && { personal }),
  };
}

/** Whether any setting is set that its owner chose for this conversation, other than the model. */
export const hasOwnSettings = ({ model: _model, personal: _personal, ...others }: ConversationSettings): boolean =>
  Object.keys(others).length > 0;
