import type { IdentityList, LinkedIdentity } from '#protocol';
import type { Api } from '#lib/http/api.ts';
import { RequestFailed, sentenceOf } from '#lib/http/request-failed.ts';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';

/** The identities with which the user can sign in, the oldest first. */
export class SignInWays {
  identities = $state.raw<readonly LinkedIdentity[]>();
  /** Why the list could not be loaded. */
  failure = $state.raw<unknown>();
  readonly removing = new SvelteSet<string>();
  /** Why an identity could not be removed, as a sentence. */
  readonly refusals = new SvelteMap<string, string>();

  constructor(private readonly api: Pick<Api, 'get' | 'delete'>) {}

  async read(): Promise<void> {
    try {
      this.identities = (await this.api.get<IdentityList>('/api/auth/identities')).items;
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }

  async remove(id: string): Promise<void> {
    if (this.removing.has(id)) return;
    this.removing.add(id);
    this.refusals.delete(id);
    try {
      await this.api.delete(`/api/auth/identities/${id}`);
      this.#removed(id);
    } catch (error) {
      // Another tab was faster.
      if (error instanceof RequestFailed && error.code === 'not_found') this.#removed(id);
      else this.refusals.set(id, sentenceOf(error));
    } finally {
      this.removing.delete(id);
    }
  }

  #removed(id: string): void {
    this.identities = this.identities?.filter((identity) => identity.id !== id);
  }
}
