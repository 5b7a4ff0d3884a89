import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';

/** Files that decide how an output looks. Both lists hold globs relative to `root`. */
export interface Inputs {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * One hash over the names and contents of all inputs. Contents rather than times: a fresh checkout,
 * a branch switched back and forth and a copied folder all count as unchanged.
 */
export function fingerprint(inputs: Inputs, root = '.'): string {
  const paths = globSync([...inputs.include], { cwd: root, exclude: [...inputs.exclude], withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort();
  const hash = createHash('sha256');
  for (const path of new Set(paths)) {
    const content = readFileSync(path);
    hash.update(`${path.slice(path.indexOf(root) + root.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
