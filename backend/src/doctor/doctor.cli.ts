// Checks the version of Node before any code that needs a newer one is loaded.
// oxlint-disable-next-line import/no-unassigned-import
import '../config/checks/node-version.js';
import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { MIGRATIONS } from '../../migrations/index.js';
import { examine } from '../config/examine/examine.js';
import { diagnose } from './diagnose.js';
import { exitCodeOf, terminalReport } from './terminal-report.js';

/*
 * `npm run doctor [-- --json]`: checks the installation, whether the server runs or not, and even if it cannot start.
 * Prints each result with what to do about it; the exit code is 1 if there are problems.
 */
const options = process.argv.slice(2);
if (options.some((option) => option !== '--json')) {
  console.error('Usage: npm run doctor [-- --json]');
  process.exit(2);
}
// The code of the server logs what it meets, and standard output is for the report.
Logger.overrideLogger(false);
const report = await diagnose({
  examined: examine(),
  migrations: MIGRATIONS.map(({ name }) => name),
  isServer: false,
});
const isJson = options.includes('--json');
const text = isJson ? JSON.stringify(report, undefined, 2) : terminalReport(report, process.stdout.isTTY);
// Checks that are late may still hold connections.
process.stdout.write(`${text}\n`, () => process.exit(exitCodeOf(report)));
