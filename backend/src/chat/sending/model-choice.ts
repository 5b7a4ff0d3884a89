import { ChatError, type ConversationSettings } from '../../protocol/index.js';
import type { AskCommand } from './ask-command.js';
import type { Standing } from './standing.js';

/** @throws ChatError `bad_request` when the command names a model that the installation does not offer */
export function refuseUnoffered({ name, command }: AskCommand, allowed: readonly string[]): void {
  if (name === 'message:send') refuseUnknownSettings(command.settings, allowed);
  if (name === 'message:send' || name === 'message:regenerate') refuseUnknownModel('model', command.model, allowed);
}

/** @throws ChatError `bad_request`, naming `key`, when the installation does not offer the model */
export function refuseUnknownModel(key: string, model: string | undefined, allowed: readonly string[]): void {
  if (model !== undefined && !allowed.includes(model)) {
    throw new ChatError('bad_request', `${key}: is not an offered model`);
  }
}

/** @throws ChatError `bad_request` as `refuseUnoffered` */
export const refuseUnknownSettings = (settings: ConversationSettings | undefined, allowed: readonly string[]): void =>
  refuseUnknownModel('settings.model', settings?.model, allowed);

/** The model of a run; `refusal` says why the user may not ask it. */
interface ChosenModel {
  readonly model: string;
  readonly refusal?: ChatError;
}

/**
 * Chooses the model of a run: the first offered one of `named`; else the user's preferred one, else the first offered
 * one, of those that the user may ask. Models that are no longer offered are skipped and not refused, because a queued
 * message is sent later, without a request that could be refused. For other commands, the functions above refuse them
 * first. A named model that the user may not ask is not replaced by another one: the answer would not be what they
 * asked for.
 *
 * @param named the models of the command, the conversation, or the continued reply, by priority
 */
export function chooseModel(
  named: readonly (string | null | undefined)[],
  { preferred, refusedModels }: Pick<Standing, 'preferred' | 'refusedModels'>,
  allowed: readonly string[],
): ChosenModel {
  const wanted = named.find((model) => typeof model === 'string' && allowed.includes(model));
  if (typeof wanted === 'string') {
    return refusedModels.includes(wanted) ? { model: wanted, refusal: forbidden(wanted) } : { model: wanted };
  }
  const permitted = allowed.filter((model) => !refusedModels.includes(model));
  const model = [preferred, ...permitted].find((one) => one !== undefined && permitted.includes(one));
  if (model !== undefined) return { model };
  const refusal = new ChatError('forbidden', 'You may not use any model. Ask an admin.');
  return { model: allowed[0] ?? '', refusal };
}

/** @throws ChatError `forbidden` when the user may not ask one of the models */
export function refuseForbidden(models: readonly (string | undefined)[], refused: readonly string[]): void {
  const found = models.find((model) => model !== undefined && refused.includes(model));
  if (found !== undefined) throw forbidden(found);
}

const forbidden = (model: string): ChatError =>
  new ChatError('forbidden', `You may not use the model ${model}. Choose another one.`);
