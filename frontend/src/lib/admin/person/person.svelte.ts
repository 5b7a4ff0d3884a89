import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { AdminEvent, AdminPerson, AdminUser, AuditEntry, Page, PersonCounts } from '#protocol';
import { m } from '#lib/language/admin-messages.svelte.ts';
import type { Api } from '../../http/api.ts';
import { RequestFailed, sentenceOf } from '../../http/request-failed.ts';
import { PagedList, type ReadPage } from '../../lists/paged-list.svelte.ts';
import type { UserList } from '../user-list.svelte.ts';

const ACTIVITY_SHOWN = 10;

/** One user as an admin sees them, live. The account itself is in a `UserList` of one, which has its actions. */
export class Person {
  /** Sessions, ways to sign in and access tokens; `undefined` until they are read. */
  details = $state.raw<AdminPerson>();
  counts = $state.raw<PersonCounts>();
  countsFailure = $state.raw<unknown>();
  /** Why the user could not be read. */
  failure = $state.raw<unknown>();
  /** The account does not exist, or was deleted. */
  isGone = $state(false);
  readonly activity = new PagedList<AuditEntry>();
  /** What is being ended: ids of sessions and access tokens, and `all` for all sessions. */
  readonly ending = new SvelteSet<string>();
  /** Why it could not be ended, as a sentence. */
  readonly refusals = new SvelteMap<string, string>();
  /** The last change, for a screen reader. */
  announcement = $state('');

  #reading: AbortController | undefined;

  constructor(
    private readonly api: Pick<Api, 'get' | 'delete'>,
    readonly users: UserList,
    private readonly id: string,
  ) {}

  /** The account; `undefined` until it is read, and once it is gone. */
  get user(): AdminUser | undefined {
    return this.users.list.items[0];
  }

  read(): void {
    void this.#readDetails();
    void this.#readCounts();
    void this.activity.read(this.readActivity);
  }

  readonly readActivity: ReadPage<AuditEntry> = (cursor, signal) => {
    const query = new URLSearchParams({ person: this.id, limit: String(ACTIVITY_SHOWN) });
    if (cursor !== undefined) query.set('cursor', cursor);
    return this.api.get<Page<AuditEntry>>(`/api/admin/audit?${query}`, { signal });
  };

  endSession(id: string): Promise<void> {
    return this.#end(id, `sessions/${id}`);
  }

  endSessions(name: string): Promise<void> {
    return this.#end('all', 'sessions', m.person_all_ended({ name }));
  }

  endToken(id: string): Promise<void> {
    return this.#end(id, `tokens/${id}`);
  }

  /** Changes by anybody, in any tab. */
  apply(event: AdminEvent): void {
    switch (event.type) {
      case 'user.updated':
        if (event.data.id !== this.id) return;
        this.users.apply(event);
        // The provider may have begun or ceased to set the role.
        void this.#readDetails();
        return;
      case 'user.deleted':
        if (event.data.id === this.id) this.#gone();
        return;
      case 'presence.changed':
        if (event.data.userId !== this.id) return;
        this.users.apply(event);
        void this.#readCounts();
        return;
      case 'budget.set':
        // A budget of a role may be that of this person.
        if (!('user' in event.data) || event.data.user.id === this.id) void this.#readCounts();
        return;
      case 'account.changed':
        if (event.data.userId === this.id) void this.#readDetails();
        return;
      case 'audit.added':
        if (event.data.actorId === this.id || event.data.targetId === this.id) this.activity.prepend(event.data);
        return;
      case 'user.added':
      case 'announcement.added':
      case 'announcement.withdrawn':
      case 'model.updated':
      case 'logging.changed':
      case 'invitation.added':
      case 'invitation.ended':
      case 'connections.changed':
      case 'runs.changed':
      case 'webhook.changed':
      case 'webhook.removed':
      case 'webhook.delivery':
        return;
    }
  }

  close(): void {
    this.#reading?.abort();
    this.activity.close();
    this.users.close();
  }

  /** Events may ask for this many times in a row: only the last answer counts. */
  async #readDetails(): Promise<void> {
    this.#reading?.abort();
    const { signal } = (this.#reading = new AbortController());
    try {
      const details = await this.api.get<AdminPerson>(`/api/admin/users/${this.id}`, { signal });
      if (signal.aborted) return;
      this.details = details;
      this.users.list.items = [details.user];
      this.failure = undefined;
      this.isGone = false;
    } catch (error) {
      if (signal.aborted) return;
      if (isMissing(error)) this.#gone();
      else this.failure = error;
    }
  }

  async #readCounts(): Promise<void> {
    try {
      this.counts = await this.api.get<PersonCounts>(`/api/admin/users/${this.id}/counts`);
      this.countsFailure = undefined;
    } catch (error) {
      if (!isMissing(error)) this.countsFailure = error;
    }
  }

  #gone(): void {
    this.#reading?.abort();
    this.isGone = true;
    this.details = this.failure = undefined;
    this.users.list.items = [];
  }

  async #end(id: string, path: string, done = ''): Promise<void> {
    if (this.ending.has(id)) return;
    this.ending.add(id);
    this.refusals.delete(id);
    try {
      await this.api.delete(`/api/admin/users/${this.id}/${path}`);
      this.announcement = done;
    } catch (error) {
      // Another admin was faster: it has ended already.
      if (!isMissing(error)) this.refusals.set(id, sentenceOf(error));
    } finally {
      this.ending.delete(id);
    }
    await this.#readDetails();
  }
}

const isMissing = (error: unknown): boolean => error instanceof RequestFailed && error.code === 'not_found';
