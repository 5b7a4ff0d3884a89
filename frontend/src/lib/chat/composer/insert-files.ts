import { toast } from 'svelte-sonner';
import { m } from '#lib/language/messages.svelte.ts';
import { MAX_TEXT_BYTES } from '#protocol';

export const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') ?? false;

/** Inserts the text of files into a field, and shows which files were refused. */
export async function insertFiles(files: readonly File[], insert: (text: string) => void): Promise<void> {
  const { readFiles } = await import('./file-text.ts');
  const { text, refused, tooLong } = await readFiles(files);
  if (text !== '') insert(text);
  const list = (names: readonly string[]): string => names.map((name) => `“${name}”`).join(', ');
  if (refused.length > 0) toast.error(m.files_refused({ names: list(refused) }));
  if (tooLong.length > 0) toast.error(m.files_too_long({ names: list(tooLong), limit: MAX_TEXT_BYTES / 1024 }));
}

/** Handles pasting into a field. A file that comes with text (cells of a spreadsheet) is pasted as that text. */
export function pasteFiles(event: ClipboardEvent, insert: (text: string) => void): void {
  const data = event.clipboardData;
  if (!data || data.files.length === 0 || data.getData('text/plain') !== '') return;
  event.preventDefault();
  void insertFiles([...data.files], insert);
}

/** Inserts text at the caret, so that the field's own undo can remove it. */
export function insertText(field: HTMLTextAreaElement, text: string): void {
  field.focus();
  if (document.execCommand('insertText', false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
}
