import { toast } from 'svelte-sonner';
import { m } from '#lib/language/messages.svelte.ts';
import { RequestFailed, sentenceOf } from '#lib/http/request-failed.ts';

/**
 * For actions that have no place of their own on the page for an error.
 * @param sentence what to say about the error
 */
export async function orToast(action: Promise<unknown>, sentence = sentenceOf): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    toast.error(sentence(error));
    return false;
  }
}

/** A sentence about the failure of an action that asks a model: to a user who may chat, only the model is forbidden. */
export const sentenceOfAsking = (error: unknown): string =>
  error instanceof RequestFailed && error.code === 'forbidden' ? m.model_gone() : sentenceOf(error);
