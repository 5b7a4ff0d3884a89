/** `unsupported`: this browser has none, or only for pages of a secure address. */
export type NotificationState = NotificationPermission | 'unsupported';

interface SystemNotification {
  /** The same in every tab that would tell of the same thing. */
  readonly key: string;
  readonly title: string;
  readonly text: string;
  /** Where it leads to when no tab is left to open it. */
  readonly path: string;
  readonly open: () => void;
}

/** Tabs hear of an event within this time; one that hears of it later replaces what the first has shown. */
const AGREEMENT_MS = 10_000;
const ICON = '/icon-192.png';

const currentState = (): NotificationState => ('Notification' in globalThis ? Notification.permission : 'unsupported');

/** What the browser thinks of notifications of this page; the person changes it in the browser's own settings. */
class NotificationPermissionStore {
  state = $state<NotificationState>(currentState());

  constructor() {
    document.addEventListener('visibilitychange', () => (this.state = currentState()));
  }

  /** Lets the browser ask, where it has not asked before. */
  async ask(): Promise<NotificationState> {
    if (this.state === 'default') await Notification.requestPermission();
    this.state = currentState();
    return this.state;
  }
}

export const notificationPermission = new NotificationPermissionStore();

/** Shows a notification of the system, once for all tabs of this browser. */
export async function notify(notification: SystemNotification): Promise<void> {
  if (currentState() !== 'granted') return;
  if (!('locks' in navigator)) return show(notification);
  const lock = `lockstep.notify:${notification.key}`;
  await navigator.locks.request(lock, { ifAvailable: true }, async (held) => {
    if (!held) return;
    await show(notification);
    await new Promise((resolve) => setTimeout(resolve, AGREEMENT_MS));
  });
}

async function show({ key, title, text, path, open }: SystemNotification): Promise<void> {
  const options: NotificationOptions = { body: text, tag: key, icon: ICON, data: { path } };
  try {
    const shown = new Notification(title, options);
    shown.addEventListener('click', () => {
      window.focus();
      shown.close();
      open();
    });
  } catch (error) {
    // Browsers of phones leave them to the service worker.
    console.debug('The page itself may not notify', error);
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.showNotification(title, options);
  }
}
