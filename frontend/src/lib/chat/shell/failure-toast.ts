import { toast } from 'svelte-sonner';
import { sentenceOf } from '#lib/http/request-failed.ts';

/** For actions that have no place of their own on the page for an error. */
export async function orToast(action: Promise<unknown>): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    toast.error(sentenceOf(error));
    return false;
  }
}
