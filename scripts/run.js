// Plain JavaScript, so that an old Node can run this file and print which version is needed.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The module of each command. Modules of several commands export a function that takes the command's name. */
/** @type {Readonly<Record<string, string>>} */
const commands = {
  start: 'start.ts',
  build: 'build.ts',
  dev: 'dev.ts',
  check: 'check.ts',
  test: 'test.ts',
  'test-services': 'test.ts',
  'test-faults': 'test.ts',
  'test-soak': 'test.ts',
  'test-attacks': 'test.ts',
  'test-markdown': 'test.ts',
  'test-counts': 'counts.ts',
  release: '../release/main.ts',
  sbom: 'sbom.ts',
  audit: 'sbom.ts',
  bench: '../bench/main.ts',
  'bench-page': '../bench/page/main.ts',
  screenshots: '../e2e/screenshots.ts',
  film: '../e2e/film.ts',
  dashboard: '../e2e/dashboard.ts',
  lighthouse: '../e2e/lighthouse.ts',
  migrate: 'start.ts',
  backup: 'start.ts',
  restore: 'start.ts',
  'user-role': 'start.ts',
  'user-list': 'start.ts',
  'user-end-sessions': 'start.ts',
  'conversation-export': 'start.ts',
  doctor: 'start.ts',
};

/** @param {string} sentence */
function giveUp(sentence) {
  console.error(sentence);
  process.exit(1);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18) || (major === 23 && minor < 6)) {
  giveUp(
    existsSync(new URL('../node_modules/.bin/node', import.meta.url))
      ? `This is Node ${process.versions.node}, which is too old for Lockstep. Start it through npm (for example \`npm start\`): npm then uses the Node 24 that was installed with it.`
      : `This is Node ${process.versions.node}, and Lockstep needs 22.18 or newer. On Linux \`npm ci\` brings Node 24 along; elsewhere please install Node 24 from https://nodejs.org and try again.`,
  );
}
if (!existsSync(new URL('../node_modules/.package-lock.json', import.meta.url))) {
  giveUp('The packages are not installed yet: run `npm ci` first.');
}

const command = process.argv[2] ?? '';
const file = Object.hasOwn(commands, command) ? commands[command] : undefined;
if (file === undefined) giveUp(`Usage: node scripts/run.js ${Object.keys(commands).join(' | ')}`);
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
// The module sees only its own arguments, as if it had been started directly.
process.argv.splice(2, 1);
try {
  const { default: run } = /** @type {{ default?: (command: string) => Promise<void> }} */ (await import(`./${file}`));
  if (run) await run(command);
} catch (error) {
  if (!(error instanceof Error && error.name === 'CommandFailed')) throw error;
  giveUp(error.message);
}
