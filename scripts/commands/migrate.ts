import { runBuilt } from '../build/run-built.ts';

await runBuilt('database/migrate.cli.js');
