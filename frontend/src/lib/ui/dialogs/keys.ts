const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** How a shortcut reads on this machine: `⌘⇧O` or `Ctrl+Shift+O`. */
export function keyLabel(key: string, modifiers: { readonly shift?: boolean } = {}): string {
  if (isApple) return `⌘${modifiers.shift ? '⇧' : ''}${key}`;
  return `Ctrl+${modifiers.shift ? 'Shift+' : ''}${key}`;
}

/** Whether the platform's command key is held. */
export const isCommand = (event: KeyboardEvent): boolean => (isApple ? event.metaKey : event.ctrlKey);

/** Whether there is a text that the platform's own undo may change. */
export const holdsText = (target: EventTarget | null): boolean =>
  (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && target.value !== '';

/** Whether a key pressed there is meant as text. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));

/**
 * Whether the key belongs to an input method: while a Japanese or Chinese word is composed, Enter takes a suggestion and
 * Escape drops it. Safari says so by 229 alone, which is why the old property is read.
 */
export const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;
