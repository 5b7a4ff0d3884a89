/**
 * Puts a text on the clipboard. Browsers keep their interface for it from pages of an address without encryption; the
 * command of old, which copies what is selected, works there as well.
 * @throws Error when the browser refuses both
 */
export async function copyText(text: string): Promise<void> {
  if ('clipboard' in navigator) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch (error) {
      console.debug('The browser refused the clipboard; the command may work', error);
    }
  }
  if (!copyBySelection(text)) throw new Error('The browser does not let this page copy');
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  // In view, or the browser would not select it, but where nobody sees it and nothing scrolls.
  field.style.cssText = 'position:fixed;top:0;left:0;width:1px;height:1px;opacity:0';
  field.setAttribute('aria-hidden', 'true');
  // In a dialog, whatever stands outside of it cannot be selected.
  (focused?.closest('dialog, [role="dialog"]') ?? document.body).append(field);
  try {
    field.select();
    // There is no other way without encryption.
    return document.execCommand('copy');
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
