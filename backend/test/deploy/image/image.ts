import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The user of the image; only root can become it. */
const USER = 1000;
const isRoot = process.getuid?.() === 0;

/** What the Dockerfile puts into the image, made by the same commands without Docker. */
export class Image implements Disposable {
  private constructor(private readonly folder: string) {}

  static build(): Image {
    const image = new Image(mkdtempSync(join(tmpdir(), 'lockstep-image-')));
    chmodSync(image.folder, 0o755);
    mkdirSync(image.app);
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(file, join(image.app, file));
    execFileSync('npm', ['ci', '--omit=dev', '--prefer-offline', '--no-audit'], { cwd: image.app, stdio: 'pipe' });
    execFileSync('sh', ['ops/docker/slim.sh', join(image.app, 'node_modules')], { stdio: 'pipe' });
    for (const file of ['package-lock.json', '.npmrc']) rmSync(join(image.app, file));
    cpSync('dist', join(image.app, 'dist'), { recursive: true });
    cpSync('frontend/build', join(image.app, 'frontend/build'), { recursive: true });
    mkdirSync(image.data);
    // Files of another user cannot be written; the owner's own are locked.
    if (isRoot) chownSync(image.data, USER, USER);
    else execFileSync('chmod', ['-R', 'a-w', image.app]);
    return image;
  }

  get app(): string {
    return join(this.folder, 'app');
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** Options to start a program as the image's user. */
  get as(): { readonly cwd: string; readonly uid?: number; readonly gid?: number } {
    return { cwd: this.app, ...(isRoot && { uid: USER, gid: USER }) };
  }

  /** The bytes of its files. */
  get bytes(): number {
    const files = globSync('**/*', { cwd: this.app }).map((path) => lstatSync(join(this.app, path)));
    return files.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
  }

  [Symbol.dispose](): void {
    if (!isRoot) execFileSync('chmod', ['-R', 'u+w', this.app]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
