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
 * A copy of the compiled server that can be changed without test code in the product, and that a new build does not
 * remove while it runs.
 */
export class ServerBuild implements Disposable {
  private readonly directory: string;

  private readonly isKept: boolean;

  private constructor(directory: string, isKept = false) {
    this.directory = directory;
    this.isKept = isKept;
  }

  /** A build that is there already, in `dist` of a folder, and stays there. */
  static at(directory: string): ServerBuild {
    return new ServerBuild(directory, true);
  }

  /** @throws Error when a patch matches nowhere, or more than once */
  static copy(patches: readonly Patch[] = []): ServerBuild {
    const directory = mkdtempSync(join(tmpdir(), 'lockstep-build-'));
    const copy = new ServerBuild(directory);
    cpSync('dist', join(directory, 'dist'), { recursive: true });
    cpSync('package.json', join(directory, 'package.json'));
    symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
    for (const patch of patches) copy.apply(patch);
    return copy;
  }

  /** Checks the patches like `copy`, without copying. */
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

  /** A command-line program of the server, such as `restore`. */
  program(name: string): string {
    return this.script(`database/${name}.cli.js`);
  }

  /** A script of the server, by its path within `dist/src`. */
  script(path: string): string {
    return join(this.directory, 'dist', 'src', path);
  }

  /** The working directory for the server, without any other files. */
  get cwd(): string {
    return this.directory;
  }

  [Symbol.dispose](): void {
    if (!this.isKept) rmSync(this.directory, { recursive: true, force: true });
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
