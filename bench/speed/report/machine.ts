import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

function git(...args: readonly string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // The sources have no Git history.
    return '';
  }
}

/** The machine and version of a measurement, as a sentence. */
export function machine(): string {
  const [processor] = cpus();
  const changed =
    git('status', '--porcelain', '--', 'backend/src', 'backend/migrations') === '' ? '' : ', with changes';
  return `${new Date().toISOString().slice(0, 10)}, commit ${git('rev-parse', '--short', 'HEAD') || 'unknown'}${changed}: ${cpus().length} cores of ${processor?.model.trim() ?? 'unknown'}, Node ${process.versions.node}, ${process.platform}.`;
}

/** A warning if other programs keep the CPU busy. */
export function warnWhenBusy(): void {
  const [load = 0] = loadavg();
  if (load > cpus().length / 2) {
    console.warn(`Load is ${load.toFixed(1)}: other programs are at work, so take ratios rather than figures.`);
  }
}
