import { ChatError, type ConversationSettings } from '../../protocol/index.js';
import type { AskCommand } from './ask-command.js';

/** @throws ChatError `bad_request` when the command names a model that the installation does not offer */
export function refuseUnoffered({ name, command }: AskCommand, allowed: readonly string[]): void {
  if (name === 'message:send') refuseUnknownSettings(command.settings, allowed);
  if (name === 'message:send' || name === 'message:regenerate') refuseUnknownModel('model', command.model, allowed);
}

/** @throws ChatError `bad_request`, naming `key`, when the installation does not offer the model */
function refuseUnknownModel(key: string, model: string | undefined, allowed: readonly string[]): void {
  if (model !== undefined && !allowed.includes(model)) {
    throw new ChatError('bad_request', `${key}: is not an offered model`);
  }
}

/** @throws ChatError `bad_request` as `refuseUnoffered` */
export const refuseUnknownSettings = (settings: ConversationSettings | undefined, allowed: readonly string[]): void =>
  refuseUnknownModel('settings.model', settings?.model, allowed);

/**
 * Chooses the model of a run: the first offered one of `named`, then the user's preferred one, then the default of the
 * installation. Models that are no longer offered are skipped and not refused, because a queued message is sent later,
 * without a request that could be refused. For other commands, the functions above refuse them first.
 *
 * @param named the models of the command, the conversation, or the continued reply, by priority
 * @param preferred the model that the user prefers
 */
export function chooseModel(
  named: readonly (string | null | undefined)[],
  preferred: string | undefined,
  allowed: readonly string[],
): string {
  return [...named, preferred, ...allowed].find((model) => typeof model === 'string' && allowed.includes(model)) ?? '';
}
