/** Checks the contract documents by Redocly's recommended rules, without a server: `npm run check -- contract`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from '../scripts/build.ts';
import { server } from '../scripts/outputs.ts';
import { runScript, toolScript } from '../scripts/programs.ts';

/** Turns off the linter's telemetry and its search for newer versions. */
const ALONE = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

/** The linter's ignore file: rules that do not apply to these routes. */
const EXCEPTIONS = `
openapi.json:
  # Redirects a browser.
  operation-2xx-response:
    - '#/paths/~1api~1auth~1login/get/responses'
    - '#/paths/~1api~1auth~1callback/get/responses'
  # Public, and without input that could be wrong.
  operation-4xx-response:
    - '#/paths/~1api~1auth~1providers/get/responses'
    - '#/paths/~1api~1meta/get/responses'
    - '#/paths/~1health~1live/get/responses'
    - '#/paths/~1health~1ready/get/responses'
`;

async function built<Module>(entry: string): Promise<Module> {
  return (await import(pathToFileURL(resolve(server.directory, 'src/contract', entry)).href)) as Module;
}

await ensureBuilt(server);
const { openApi } = await built<{ readonly openApi: () => object }>('open-api.js');
const { asyncApi } = await built<{ readonly asyncApi: () => object }>('async-api.js');

const folder = mkdtempSync(join(tmpdir(), 'lockstep-contract-'));
try {
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(openApi(), undefined, 2));
  writeFileSync(join(folder, 'asyncapi.json'), JSON.stringify(asyncApi(), undefined, 2));
  writeFileSync(join(folder, '.redocly.lint-ignore.yaml'), EXCEPTIONS);
  const options = ['lint', '--extends=recommended', '--format=stylish', 'openapi.json', 'asyncapi.json'];
  const { ok, output } = await runScript(toolScript('@redocly/cli', 'redocly'), options, { cwd: folder, env: ALONE });
  console.log(output.trim());
  // With warnings alone, its exit code is 0.
  if (!ok || !output.includes('valid.') || /\bYou have \d+ warnings?\b/.test(output)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
