/**
 * Copies a text to the clipboard. Browsers offer `navigator.clipboard` in secure contexts only; elsewhere the
 * deprecated command `copy` works, which copies the selection.
 * @throws Error if the browser refuses both
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
  // The browser selects only visible elements: placed where it is hardly seen and causes no scrolling.
  field.style.cssText = 'position:fixed;top:0;left:0;width:1px;height:1px;opacity:0';
  field.setAttribute('aria-hidden', 'true');
  // While a modal dialog is open, elements outside it cannot be selected.
  (focused?.closest('dialog, [role="dialog"]') ?? document.body).append(field);
  try {
    field.select();
    // Deprecated, but there is no other way without HTTPS.
    return document.execCommand('copy');
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
