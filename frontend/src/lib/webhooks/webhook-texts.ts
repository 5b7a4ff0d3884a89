import type { Webhook, WebhookDelivery, WebhookEvent } from '#protocol';
import { m } from '#lib/language/webhooks-messages.svelte.ts';
import { localeInView } from '#lib/language/messages.svelte.ts';

/** What an event is called, by the name that the requests have. */
export function eventName(type: string): string {
  switch (type) {
    case 'run.finished':
      return m.webhooks_event_run();
    case 'user.added':
      return m.webhooks_event_user();
    case 'webhook.test':
      return m.webhooks_event_test();
    default:
      return type;
  }
}

/** The events that a webhook of this scope can hear now. */
export const eventsOf = (scope: Webhook['scope']): readonly WebhookEvent[] =>
  scope === 'own' ? ['run.finished'] : ['run.finished', 'user.added'];

/** What has become of a delivery, in one or two sentences. */
export function deliveryText(delivery: WebhookDelivery): string {
  const { status, dueAt, attempts, answerStatus } = delivery;
  if (status === 'delivered') return m.webhooks_delivered({ status: String(answerStatus ?? '') });
  const reason = failureText(delivery);
  if (status === 'failed') return m.webhooks_given_up({ reason });
  if (attempts === 0 || dueAt === null || reason === '') return m.webhooks_waiting();
  return m.webhooks_next_attempt({ reason, time: timeFormat().format(dueAt) });
}

function failureText({ failure, answerStatus }: WebhookDelivery): string {
  const status = String(answerStatus ?? '');
  switch (failure) {
    case 'timeout':
      return m.webhooks_failure_timeout();
    case 'unreachable':
      return m.webhooks_failure_unreachable();
    case 'private_address':
      return m.webhooks_failure_private();
    case 'redirect':
      return m.webhooks_failure_redirect({ status });
    case 'status':
      return m.webhooks_failure_status({ status });
    case 'secret_lost':
      return m.webhooks_failure_secret();
    case 'turned_off':
      return m.webhooks_failure_off();
    case null:
      return '';
  }
}

const timeFormat = (): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(localeInView(), { dateStyle: 'short', timeStyle: 'medium' });
