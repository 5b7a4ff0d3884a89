import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

export const CHART = 'ops/kubernetes/lockstep';
const HERE = 'backend/test/deploy/helm';
/** Where Debian installs Go's libraries. */
const GO_PATH = '/usr/share/gocode';

const tree = z.record(z.string(), z.unknown());
type Tree = z.infer<typeof tree>;
const isTree = (value: unknown): value is Tree => tree.safeParse(value).success && !Array.isArray(value);
const readYaml = (path: string): Tree => tree.parse(parse(readFileSync(path, 'utf8')));

export const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
export type Manifest = z.infer<typeof manifest>;

export interface Case {
  readonly name: string;
  readonly values: Tree;
  /** Resources that the cluster has already, by kind and name. */
  readonly cluster?: Tree;
}
export type Rendered = { readonly manifests: readonly Manifest[]; readonly notes: string; readonly error: string };

export const defaults = (): Tree => readYaml(join(CHART, 'values.yaml'));
export const valuesOf = (name: string): Tree => readYaml(join(HERE, 'values', `${name}.yaml`));

/** As Helm merges a values file into the chart's: maps key by key, and lists as a whole. */
function merged(below: Tree, above: Tree): Tree {
  const both = Object.entries(above).map(([key, value]) => {
    const under = below[key];
    return [key, isTree(under) && isTree(value) ? merged(under, value) : value];
  });
  return { ...below, ...(Object.fromEntries(both) as Tree) };
}

/** @returns what the schema of the chart says against these values */
export function refusals(values: Tree): string[] {
  const schema: unknown = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8'));
  const validate = new Ajv({ allErrors: true, strict: false }).compile(tree.parse(schema));
  return validate(merged(defaults(), values))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message, params }) =>
        [instancePath, message, ...Object.values(tree.parse(params))].join(' '),
      );
}

/** Compiles the renderer. @param program the path of the binary */
export function build(program: string): void {
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: GO_PATH, GOFLAGS: '' };
  execFileSync('go', ['build', '-o', program, join(HERE, 'render.go')], { env });
}

export function render(program: string, cases: readonly Case[]): Map<string, Rendered> {
  const input = JSON.stringify(cases.map((one) => ({ ...one, values: merged(defaults(), one.values) })));
  const output: unknown = JSON.parse(execFileSync(program, [CHART], { input, encoding: 'utf8' }));
  const result = z.object({ files: z.record(z.string(), z.string()).nullable(), error: z.string() });
  const entries = Object.entries(z.record(z.string(), result).parse(output));
  return new Map(entries.map(([name, { files, error }]) => [name, readFiles(files ?? {}, error)]));
}

function readFiles({ 'NOTES.txt': notes = '', ...files }: Record<string, string>, error: string): Rendered {
  const documents = Object.entries(files).flatMap(([file, text]) =>
    parseAllDocuments(text).map((document) => {
      const [broken] = document.errors;
      if (broken) throw new Error(`${file}: ${broken.message}\n${text}`);
      return document.toJS() as unknown;
    }),
  );
  return { manifests: documents.filter((one) => one !== null).map((one) => manifest.parse(one)), notes, error };
}
