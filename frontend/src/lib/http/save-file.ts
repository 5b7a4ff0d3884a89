/** A file to save, with its name. */
export interface NamedFile {
  readonly name: string;
  readonly content: Blob;
}

/** Revoking the URL is delayed: the browser may read the file a moment after the click. */
const READ_MS = 60_000;

/** Saves a file as the browser saves downloads. */
export function saveFile({ name, content }: NamedFile): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), READ_MS);
}

/** The file name of a `Content-Disposition` header (RFC 6266); `filename*`, which allows any letter, comes first. */
export function fileNameOf(disposition: string | null): string | undefined {
  const extended = /filename\*\s*=\s*UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  if (extended) {
    try {
      return decodeURIComponent(extended.trim());
    } catch (error) {
      console.debug('The name of a file is not encoded correctly', error);
    }
  }
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition ?? '');
  return plain?.[1]?.replaceAll(/\\(.)/g, '$1') ?? plain?.[2];
}
