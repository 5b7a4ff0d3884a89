import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type {
  AdminEvent,
  CreatedWebhook,
  Page,
  UserEvent,
  Webhook,
  WebhookDelivery,
  WebhookEvent,
  WebhookList as Answer,
  WebhookScope,
} from '#protocol';
import type { Api } from '../http/api.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { PagedList, type ReadPage } from '../lists/paged-list.svelte.ts';

export interface WebhookWishes {
  readonly name: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
}

const PATH = '/api/webhooks';

/** The webhooks of the user or, for admins, those for everybody; and the deliveries of the one that is unfolded. */
export class WebhookList {
  webhooks = $state.raw<readonly Webhook[]>();
  /** Why the list could not be loaded. */
  failure = $state.raw<unknown>();
  /** The webhook with a new secret, which is only here, until the user has put it away. */
  created = $state.raw<CreatedWebhook>();
  /** The webhooks that are being changed. */
  readonly changing = new SvelteSet<string>();
  /** Why a webhook could not be changed. */
  readonly refusals = new SvelteMap<string, unknown>();
  /** The id of the webhook whose deliveries are shown. */
  unfolded = $state<string>();
  readonly deliveries = new PagedList<WebhookDelivery>();

  /** Changes while the list is on its way, which may not contain them. */
  #changes: (() => void)[] | undefined;

  constructor(
    private readonly api: Pick<Api, 'get' | 'post' | 'patch' | 'delete'>,
    private readonly scope: WebhookScope,
  ) {}

  async read(): Promise<void> {
    const changes: (() => void)[] = (this.#changes = []);
    try {
      const { items } = await this.api.get<Answer>(`${PATH}?scope=${this.scope}`);
      // A later request has an answer of its own.
      if (changes !== this.#changes) return;
      this.#changes = undefined;
      this.webhooks = items;
      for (const change of changes) change();
      this.failure = undefined;
    } catch (error) {
      if (changes !== this.#changes) return;
      this.#changes = undefined;
      this.failure = error;
    }
    if (this.unfolded !== undefined) void this.readDeliveries();
  }

  /** Adds a webhook; throws `RequestFailed`. */
  async add(wishes: WebhookWishes): Promise<void> {
    const { secret, ...webhook } = await this.api.post<CreatedWebhook>(PATH, { ...wishes, scope: this.scope });
    this.created = { ...webhook, secret };
    this.#put(webhook);
  }

  /** Changes a webhook; throws `RequestFailed`. */
  async change(id: string, wishes: Partial<WebhookWishes>): Promise<void> {
    this.#put(await this.api.patch<Webhook>(`${PATH}/${id}`, wishes));
  }

  turn(id: string, on: boolean): Promise<void> {
    return this.#changing(id, async () => this.#put(await this.api.patch<Webhook>(`${PATH}/${id}`, { on })));
  }

  rollSecret(id: string): Promise<void> {
    return this.#changing(id, async () => {
      this.created = await this.api.post<CreatedWebhook>(`${PATH}/${id}/secret`, {});
    });
  }

  /** Sends a test event, and shows what becomes of it. */
  test(id: string): Promise<void> {
    return this.#changing(id, async () => {
      const delivery = await this.api.post<WebhookDelivery>(`${PATH}/${id}/test`, {});
      if (this.unfolded === id) this.#arrived(delivery);
      else this.fold(id);
    });
  }

  retry({ id, webhookId }: WebhookDelivery): Promise<void> {
    return this.#changing(webhookId, async () => {
      this.#arrived(await this.api.post<WebhookDelivery>(`${PATH}/${webhookId}/deliveries/${id}/retry`, {}));
    });
  }

  remove(id: string): Promise<void> {
    return this.#changing(id, async () => {
      await this.api.delete(`${PATH}/${id}`);
      this.#removed(id);
    });
  }

  /** Shows the deliveries of a webhook, or hides them. */
  fold(id: string): void {
    this.unfolded = this.unfolded === id ? undefined : id;
    this.deliveries.close();
    this.deliveries.items = [];
    if (this.unfolded !== undefined) void this.readDeliveries();
  }

  readDeliveries(): Promise<void> {
    return this.deliveries.read(this.#readPage);
  }

  readMore(): void {
    void this.deliveries.readMore(this.#readPage);
  }

  /** A change in another tab, by another admin, or by the server. */
  apply(event: UserEvent | AdminEvent): void {
    if (event.type === 'webhook.changed') {
      if (event.data.scope === this.scope) this.#put(event.data);
    } else if (event.type === 'webhook.removed') this.#removed(event.data.webhookId);
    else if (event.type === 'webhook.delivery' && event.data.webhookId === this.unfolded) this.#arrived(event.data);
  }

  #put(webhook: Webhook): void {
    this.#changes?.push(() => this.#put(webhook));
    const at = this.webhooks?.findIndex(({ id }) => id === webhook.id) ?? -1;
    this.webhooks = at < 0 ? this.webhooks && [webhook, ...this.webhooks] : this.webhooks?.with(at, webhook);
  }

  #removed(id: string): void {
    this.#changes?.push(() => this.#removed(id));
    this.webhooks = this.webhooks?.filter((webhook) => webhook.id !== id);
    if (this.created?.id === id) this.created = undefined;
    if (this.unfolded === id) this.fold(id);
  }

  /** The answer to a request may come after the event of the first attempt, and is then older. */
  #arrived(delivery: WebhookDelivery): void {
    const { items } = this.deliveries;
    const known = items.find(({ id }) => id === delivery.id);
    if (known && known.attempts > delivery.attempts) return;
    // An older one that is not loaded yet comes with its page.
    const first = items[0];
    if (!known && first && delivery.id < first.id) return;
    this.deliveries.prepend(delivery);
  }

  async #changing(id: string, work: () => Promise<void>): Promise<void> {
    if (this.changing.has(id)) return;
    this.changing.add(id);
    this.refusals.delete(id);
    try {
      await work();
    } catch (error) {
      // Another tab was faster: the webhook is already gone.
      if (error instanceof RequestFailed && error.code === 'not_found') this.#removed(id);
      else this.refusals.set(id, error);
    } finally {
      this.changing.delete(id);
    }
  }

  readonly #readPage: ReadPage<WebhookDelivery> = (cursor, signal) => {
    const parameters = new URLSearchParams({ limit: '20', ...(cursor !== undefined && { cursor }) });
    return this.api.get<Page<WebhookDelivery>>(`${PATH}/${this.unfolded}/deliveries?${parameters}`, { signal });
  };
}
