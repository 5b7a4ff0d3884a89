import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandFailed, type Ended, runProgram, runScript } from './programs.ts';

/** Where `npm run sbom` writes; a build output, not committed. */
export const SBOM = 'dist-sbom/lockstep.cdx.json';

const manifest = z.looseObject({ name: z.string(), devDependencies: z.unknown().optional() });
const lockedPackage = z.looseObject({ dev: z.boolean().optional(), devDependencies: z.unknown().optional() });
const lockfile = z.looseObject({ packages: z.record(z.string(), lockedPackage) });
const auditReport = z.object({
  metadata: z.object({ vulnerabilities: z.looseObject({ total: z.int() }) }),
});
const refusedAudit = z.object({ message: z.string() });

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  // The bill of materials of what an installation runs: CycloneDX, by npm, from the lock file.
  async sbom() {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-sbom-'));
    try {
      // The document has the name of the folder.
      const root = join(folder, writeProduction(folder));
      const { ok, output } = await npm(
        ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'],
        root,
      );
      if (!ok) throw new CommandFailed(`npm sbom failed:\n${output}`);
      const { components } = z.object({ components: z.array(z.unknown()) }).parse(JSON.parse(output));
      mkdirSync(join(SBOM, '..'), { recursive: true });
      writeFileSync(SBOM, output);
      console.log(`${SBOM}: ${components.length} packages`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  // Known vulnerabilities of these packages. Some registries have no audits: then there is nothing to fail for.
  async audit() {
    const { output } = await npm(['audit', '--omit=dev', '--json']);
    const parsed: unknown = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
    const report = auditReport.safeParse(parsed);
    if (!report.success) {
      const refused = refusedAudit.safeParse(parsed);
      const reason = refused.success ? refused.data.message : 'it answers something else';
      console.log(`Skipped: the registry of this machine makes no audits (${reason}). Run this where it does.`);
      return;
    }
    const { total } = report.data.metadata.vulnerabilities;
    if (total > 0) throw new CommandFailed(`npm audit --omit=dev knows ${total} vulnerabilities: run it for the list.`);
    console.log('npm audit --omit=dev knows no vulnerability.');
  },
};

export default async function sbom(command: string): Promise<void> {
  await COMMANDS[command]?.();
}

/**
 * Writes manifest and lock file without what is only for development. npm alone would also leave out each production
 * package that is a peer of one for development (`zod`, `express`), because its `--omit dev` looks at all dependents.
 * @returns the name of the folder within `folder`
 */
function writeProduction(folder: string): string {
  const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
  const { devDependencies: _tools, ...own } = manifest.parse(read('package.json'));
  const { packages, ...lock } = lockfile.parse(read('package-lock.json'));
  const kept = Object.entries(packages).flatMap(([path, locked]) => {
    if (locked.dev) return [];
    if (path !== '') return [[path, locked]];
    const { devDependencies: _ofRoot, ...root } = locked;
    return [[path, root]];
  });
  mkdirSync(join(folder, own.name));
  const write = (name: string, content: object): void =>
    writeFileSync(join(folder, own.name, name), JSON.stringify(content));
  write('package.json', own);
  write('package-lock.json', { ...lock, packages: Object.fromEntries(kept) as object });
  return own.name;
}

/** The npm that runs this command, or the one of the system. */
function npm(args: readonly string[], cwd?: string): Promise<Ended> {
  const script = process.env['npm_execpath'];
  return script === undefined ? runProgram('npm', args, { cwd }) : runScript(script, args, { cwd });
}
