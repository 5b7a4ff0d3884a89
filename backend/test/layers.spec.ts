import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

interface Rule {
  readonly name: string;
}
interface Config {
  readonly LAYERS: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly default: { readonly forbidden: readonly Rule[] };
}
/** One file with a forbidden import. */
interface Planted {
  readonly from: string;
  /** A file, or the name of a package. */
  readonly to: string;
}

const CONFIG = resolve('.dependency-cruiser.js');
const { LAYERS, default: config } = (await import(CONFIG)) as Config;

/** A violation for each rule that is not a layer's. */
const SPECIAL: Readonly<Record<string, Planted>> = {
  'common-serves-features': { from: 'backend/src/streams/planted.ts', to: 'backend/src/common/planted-target.ts' },
  'migrations-are-frozen': { from: 'backend/migrations/planted.ts', to: 'backend/src/clock.ts' },
  'protocol-imports-zod-alone': { from: 'backend/src/protocol/planted.ts', to: 'uuid' },
  'langchain-in-models': { from: 'backend/src/chat/planted.ts', to: '@langchain/core/messages' },
  'loaded-when-needed': { from: 'backend/src/models/planted.ts', to: 'backend/src/models/prompt.ts' },
  'socket-io-in-realtime': { from: 'backend/src/chat/planted-socket.ts', to: 'socket.io' },
  'development-stays-out': { from: 'backend/src/auth/planted.ts', to: 'backend/dev/planted-target.ts' },
  'development-loaded-lazily': { from: 'backend/src/main.ts', to: 'backend/dev/planted-target.ts' },
  'testing-stands-alone': { from: 'backend/testing/planted.ts', to: 'backend/src/config/planted-target.ts' },
  'free-ports-in-one-file': { from: 'backend/test/planted-ports.ts', to: 'get-port' },
  'development-needs-no-tests': { from: 'backend/dev/planted.ts', to: 'backend/test/planted-target.ts' },
  'no-development-packages': { from: 'backend/src/users/planted.ts', to: 'fast-check' },
  'socket-client-in-connection': { from: 'frontend/src/lib/chat/planted.ts', to: 'socket.io-client' },
  'page-knows-protocol-alone': { from: 'frontend/src/lib/admin/planted.ts', to: 'backend/src/clock.ts' },
  'page-ui-alone': { from: 'frontend/src/lib/markdown/planted.ts', to: 'frontend/src/lib/http/planted-target.ts' },
  'no-cycles': { from: 'backend/src/config/planted-circle.ts', to: 'backend/src/config/planted-other.ts' },
  'no-unresolvable': { from: 'backend/src/health/planted.ts', to: 'no-such-package' },
};

/** A file in an entry of `LAYERS`, which is a folder or a file. */
const fileIn = (entry: string, name: string): string => (entry.endsWith('/') ? `${entry}${name}` : entry);

/** For each entry, imports from the other entries of its own line and of all later lines. */
function plantedLayers(): Planted[] {
  return Object.entries(LAYERS).flatMap(([root, lines]) =>
    lines.flatMap((line, at) =>
      line.flatMap((entry, index) =>
        [...line.filter((_, other) => other !== index), ...lines.slice(at + 1).flat()].map((target, number) => ({
          from: root + fileIn(entry, `planted-${number}.ts`),
          to: root + fileIn(target, 'planted-target.ts'),
        })),
      ),
    ),
  );
}

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: Rule;
}

/** A tree of only planted files, checked with the rules of this repository. */
class PlantedTree {
  private readonly root = mkdtempSync(join(tmpdir(), 'lockstep-layers-'));
  private readonly imports = new Map<string, string[]>();

  constructor() {
    for (const path of ['node_modules', 'package.json']) symlinkSync(resolve(path), join(this.root, path));
    writeFileSync(join(this.root, 'tsconfig.json'), JSON.stringify({ include: ['backend', 'frontend'] }));
  }

  plant({ from, to }: Planted): void {
    const imports = this.imports.get(from) ?? [];
    this.imports.set(from, imports);
    if (!to.endsWith('.ts')) imports.push(to);
    else {
      if (!this.imports.has(to)) this.imports.set(to, []);
      const path = relative(dirname(from), to);
      imports.push(path.startsWith('.') ? path : `./${path}`);
    }
  }

  judge(): readonly Violation[] {
    for (const [path, imports] of this.imports) {
      const file = join(this.root, path);
      mkdirSync(dirname(file), { recursive: true });
      const lines = imports.map((name) => `import '${name}';\n`);
      writeFileSync(file, `${lines.join('')}export const planted = 1;\n`);
    }
    const program = resolve('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
    const options = ['--config', CONFIG, '--output-type', 'json', 'backend', 'frontend'];
    let output: string;
    try {
      output = execFileSync(process.execPath, [program, ...options], { cwd: this.root, maxBuffer: 2 ** 28 }).toString();
    } catch (error) {
      // The exit code is the number of violations.
      output = String((error as { readonly stdout: Buffer }).stdout);
    }
    return (JSON.parse(output) as { summary: { violations: Violation[] } }).summary.violations;
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

describe('the layers', () => {
  const tree = new PlantedTree();
  const layers = plantedLayers();
  let violations: readonly Violation[] = [];

  beforeAll(() => {
    for (const planted of [...layers, ...Object.values(SPECIAL)]) tree.plant(planted);
    tree.plant({ from: 'backend/src/config/planted-other.ts', to: 'backend/src/config/planted-circle.ts' });
    violations = tree.judge();
  });
  afterAll(() => tree.remove());

  it('list every file and folder of server and page', () => {
    const entries = Object.values(LAYERS).flat(2);
    for (const root of Object.keys(LAYERS)) {
      const found = readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
        const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
        return name === 'lib/' ? inLibrary(join(root, 'lib')) : [name];
      });
      const source = found.filter((name) => /\/$|\.ts$/.test(name) && !/\.(spec|d)\.ts$/.test(name));
      expect(source.filter((name) => !entries.includes(name))).toEqual([]);
    }
    expect(entries.filter((entry) => !Object.keys(LAYERS).some((root) => existsSync(root + entry)))).toEqual([]);
  });

  it('reject each forbidden import', () => {
    const refused = new Set(violations.filter(({ rule }) => rule.name.startsWith('layer-')).map(edge));
    expect(layers.filter((planted) => !refused.has(edge(planted)))).toEqual([]);
  });

  it.each(config.forbidden.map(({ name }) => name).filter((name) => !name.startsWith('layer-')))(
    'are completed by a rule that rejects its violation: %s',
    (name) => {
      const from = SPECIAL[name]?.from;
      expect(violations.filter(({ rule, from: file }) => rule.name === name && file === from)).not.toEqual([]);
    },
  );
});

describe('a folder', () => {
  it('has fifteen files at most', () => {
    const counts = new Map<string, number>();
    // The history of the schema only grows, and is read by its dates.
    const exclude = ['**/paraglide/**', 'backend/migrations/*'];
    const files = globSync('{backend,scripts,e2e,bench,frontend/src}/**/*.*', { exclude });
    for (const folder of files.map(dirname)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 15)).toEqual([]);
  });
});

const edge = ({ from, to }: Planted): string => `${from} -> ${to}`;

const inLibrary = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).map((entry) => `lib/${entry.name}${entry.isDirectory() ? '/' : ''}`);
