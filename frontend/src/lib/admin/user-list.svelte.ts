import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { AdminEvent, AdminUser, Command, Page, Role } from '#protocol';
import { m } from '#lib/language/admin-messages.svelte.ts';
import type { Api } from '../http/api.ts';
import { RequestFailed, sentenceOf } from '../http/request-failed.ts';
import { saveFile } from '../http/save-file.ts';
import { storableText } from '../storage/storable-text.ts';
import { PagedList, type ReadPage } from '../lists/paged-list.svelte.ts';
import { roleWord } from './format-role.ts';

const PAGE_SIZE = 50;
/** Waits for a pause in typing before it searches. */
const SEARCH_DELAY_MS = 200;

/** Sets a role over the socket; throws `RequestFailed`. */
export type SendRole = (command: Command<'admin:set-role'>) => Promise<AdminUser>;

/** The users as an admin sees them: searchable, paged and live. */
export class UserList {
  readonly list = new PagedList<AdminUser>();
  /** The search words. */
  query = $state('');
  /** Ids of users with a change in progress. */
  readonly changing = new SvelteSet<string>();
  /** Why the last change of a user failed, as a sentence. */
  readonly refusals = new SvelteMap<string, string>();
  /** The last change, for a screen reader. */
  announcement = $state('');

  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Pick<Api, 'get' | 'patch' | 'delete' | 'file'>,
    private readonly sendRole: SendRole,
  ) {}

  /** Reads the list from its start; a list that is already shown stays until the new one is there. */
  read(): Promise<void> {
    clearTimeout(this.#timer);
    return this.list.read(this.#readPage);
  }

  readMore(): Promise<void> {
    return this.list.readMore(this.#readPage);
  }

  /** Searches after a pause in typing. */
  search(query: string): void {
    this.query = query;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.read(), SEARCH_DELAY_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.list.close();
  }

  /** Over the socket, or over HTTP while it is disconnected: setting a role twice does no harm. */
  async setRole(user: AdminUser, role: Role): Promise<void> {
    await this.#change(user, m.users_role_changed({ name: user.name, role: roleWord(role) }), async () => {
      try {
        return await this.sendRole({ userId: user.id, role });
      } catch (error) {
        if (!(error instanceof RequestFailed) || !error.isLocal) throw error;
        return this.#patch(user.id, { role });
      }
    });
  }

  async setDisabled(user: AdminUser, disabled: boolean): Promise<void> {
    const done = disabled
      ? m.users_account_disabled({ name: user.name })
      : m.users_account_enabled({ name: user.name });
    await this.#change(user, done, () => this.#patch(user.id, { disabled }));
  }

  /** Saves everything that is stored about a user, as a file. */
  async exportData(user: AdminUser): Promise<void> {
    if (this.changing.has(user.id)) return;
    this.changing.add(user.id);
    this.refusals.delete(user.id);
    try {
      saveFile(await this.api.file(`/api/admin/users/${user.id}/export`));
    } catch (error) {
      this.refusals.set(user.id, m.privacy_export_failed({ reason: sentenceOf(error) }));
    } finally {
      this.changing.delete(user.id);
    }
  }

  /** Deletes an account; throws `RequestFailed`. */
  async delete(user: AdminUser): Promise<void> {
    await this.api.delete(`/api/admin/users/${user.id}`);
    this.list.remove(user.id);
    this.announcement = m.privacy_deleted({ name: user.name });
  }

  /** Changes by other admins, or by the users themselves. */
  apply(event: AdminEvent): void {
    switch (event.type) {
      case 'user.added':
        if (this.#matches(event.data)) this.list.prepend(event.data);
        return;
      case 'user.updated':
        this.list.replace(event.data);
        return;
      case 'user.deleted':
        this.list.remove(event.data.id);
        return;
      case 'presence.changed': {
        const { userId, online, lastSeenAt } = event.data;
        const user = this.list.items.find(({ id }) => id === userId);
        if (user) this.list.replace({ ...user, online, lastSeenAt });
        return;
      }
      case 'audit.added':
      case 'announcement.added':
      case 'announcement.withdrawn':
      case 'model.updated':
      case 'logging.changed':
      case 'webhook.changed':
      case 'webhook.removed':
      case 'webhook.delivery':
      case 'connections.changed':
      case 'runs.changed':
      case 'account.changed':
      case 'invitation.added':
      case 'invitation.ended':
      case 'budget.set':
        return;
    }
  }

  #matches({ name, email }: AdminUser): boolean {
    const query = this.query.trim().toLowerCase();
    return name.toLowerCase().includes(query) || email.toLowerCase().includes(query);
  }

  readonly #readPage: ReadPage<AdminUser> = (cursor, signal) => {
    const parameters = new URLSearchParams({ limit: String(PAGE_SIZE) });
    const query = storableText(this.query.trim());
    if (query) parameters.set('q', query);
    if (cursor !== undefined) parameters.set('cursor', cursor);
    return this.api.get<Page<AdminUser>>(`/api/admin/users?${parameters}`, { signal });
  };

  #patch(id: string, change: { readonly role?: Role; readonly disabled?: boolean }): Promise<AdminUser> {
    return this.api.patch<AdminUser>(`/api/admin/users/${id}`, change);
  }

  async #change(user: AdminUser, done: string, change: () => Promise<AdminUser>): Promise<void> {
    if (this.changing.has(user.id)) return;
    this.changing.add(user.id);
    this.refusals.delete(user.id);
    try {
      this.list.replace(await change());
      this.announcement = done;
    } catch (error) {
      this.refusals.set(user.id, sentenceOf(error));
    } finally {
      this.changing.delete(user.id);
    }
  }
}
