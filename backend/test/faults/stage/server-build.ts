import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** One change to the compiled server: `find` must occur exactly once in `file`, a path within `dist`. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * A copy of the compiled server that can be changed without a switch in the product, and that nobody else's build
 * pulls away while it runs.
 */
export class ServerBuild implements Disposable {
  private readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** @throws Error when a patch fits nowhere, or in more than one place */
  static copy(patches: readonly Patch[] = []): ServerBuild {
    const directory = mkdtempSync(join(tmpdir(), 'lockstep-build-'));
    const copy = new ServerBuild(directory);
    cpSync('dist', join(directory, 'dist'), { recursive: true });
    cpSync('package.json', join(directory, 'package.json'));
    symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
    for (const patch of patches) copy.apply(patch);
    return copy;
  }

  /** As `copy`, and copies nothing: whether what is built can be changed like this. */
  static check(patches: readonly Patch[]): void {
    const texts = new Map<string, string>();
    for (const patch of patches) {
      const { file } = patch;
      texts.set(file, changed(texts.get(file) ?? readFileSync(join('dist', file), 'utf8'), patch));
    }
  }

  /** The script that starts the server. */
  get main(): string {
    return join(this.directory, 'dist', 'src', 'main.js');
  }

  /** A program for the command line beside it, such as `restore`. */
  program(name: string): string {
    return join(this.directory, 'dist', 'src', 'database', `${name}.cli.js`);
  }

  /** Where the server is to be started, so that it finds nothing but its own. */
  get cwd(): string {
    return this.directory;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private apply(patch: Patch): void {
    const path = join(this.directory, 'dist', patch.file);
    writeFileSync(path, changed(readFileSync(path, 'utf8'), patch));
  }
}

function changed(text: string, { file, find, replace }: Patch): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(`${file} holds ${parts.length - 1} times, not once, what is to be patched:\n${find}`);
  }
  return parts.join(replace);
}
