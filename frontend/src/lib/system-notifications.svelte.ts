/** `unsupported`: this browser has no notifications, or only for secure pages. */
export type NotificationState = NotificationPermission | 'unsupported';

interface SystemNotification {
  /** Equal in all tabs that report the same event. */
  readonly key: string;
  readonly title: string;
  readonly text: string;
  /** The path to open if no tab is left. */
  readonly path: string;
  readonly open: () => void;
}

/** All tabs get an event within this time; a notification by a later tab would replace the first one. */
const AGREEMENT_MS = 10_000;
const ICON = '/icon-192.png';

const currentState = (): NotificationState => ('Notification' in globalThis ? Notification.permission : 'unsupported');

/** The browser's permission for notifications; users change it in the browser's own settings. */
class NotificationPermissionStore {
  state = $state<NotificationState>(currentState());

  constructor() {
    document.addEventListener('visibilitychange', () => (this.state = currentState()));
  }

  /** Asks for permission, unless the user has already decided. */
  async ask(): Promise<NotificationState> {
    if (this.state === 'default') await Notification.requestPermission();
    this.state = currentState();
    return this.state;
  }
}

export const notificationPermission = new NotificationPermissionStore();

/** Shows a system notification, once for all tabs of this browser. */
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
    // Mobile browsers allow notifications only from the service worker.
    console.debug('The page itself may not show notifications', error);
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.showNotification(title, options);
  }
}
