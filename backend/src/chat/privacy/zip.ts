import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** A file of an archive; `content` is called when its turn comes. */
export interface ZipEntry {
  readonly name: string;
  readonly content: () => AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
}

/** A ZIP archive that is made while it is read, one file after the other. An error of a file destroys the stream. */
export function zipOf(entries: Iterable<ZipEntry>): Readable {
  const zip = new ZipFile();
  const output = new Readable().wrap(zip.outputStream);
  zip.on('error', (error: Error) => output.destroy(error));
  for (const { name, content } of entries) {
    zip.addReadStreamLazy(name, (take) => take(null, Readable.from(content(), { objectMode: false })));
  }
  zip.end();
  return output;
}
