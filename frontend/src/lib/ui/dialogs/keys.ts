const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** The label of a shortcut on this platform: `⌘⇧O` or `Ctrl+Shift+O`. */
export function keyLabel(key: string, modifiers: { readonly shift?: boolean } = {}): string {
  if (isApple) return `⌘${modifiers.shift ? '⇧' : ''}${key}`;
  return `Ctrl+${modifiers.shift ? 'Shift+' : ''}${key}`;
}

/** Whether the platform's command key is pressed. */
export const isCommand = (event: KeyboardEvent): boolean => (isApple ? event.metaKey : event.ctrlKey);

/** Whether the focused element is a text field with an undo of its own. */
export const holdsText = (target: EventTarget | null): boolean =>
  (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && target.value !== '';

/** Whether a key pressed on the element is text input. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));

/**
 * Whether the input method handles the key: while a Japanese or Chinese word is composed, Enter accepts a suggestion
 * and Escape dismisses it. Safari reports that only by key code 229, which is why a deprecated property is read.
 */
export const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;
