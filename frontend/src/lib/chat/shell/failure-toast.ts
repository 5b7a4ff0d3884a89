import { toast } from 'svelte-sonner';
import { sentenceOf } from '#lib/http/request-failed.ts';

/** For an action whose place on the page cannot show that it failed. */
export async function orToast(action: Promise<unknown>): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    toast.error(sentenceOf(error));
    return false;
  }
}
