import type { ModelsConfig } from '../../config/config.js';
import type { ReplySettings } from '../model-request.js';

const ABOUT = '# About the user\n\nThe user wrote this about themselves:';
const REPLIES = '# How replies should be\n\nThe user wrote this about the replies that they want:';

/**
 * The system prompt of a reply: that of the conversation or of the installation, then what the user wrote, as sections
 * of their own. Everything that counts or limits the tokens of a prompt uses this text.
 */
export function systemPromptOf(
  settings: ReplySettings | undefined,
  models: Pick<ModelsConfig, 'systemPrompt'>,
): string {
  const { about = '', replies = '' } = settings?.personal ?? {};
  const parts = [settings?.systemPrompt ?? models.systemPrompt, section(ABOUT, about), section(REPLIES, replies)];
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}

const section = (heading: string, text: string): string => (text.trim() === '' ? '' : `${heading}\n\n${text}`);
