import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './scripts/build.ts';
import { server } from './scripts/outputs.ts';

// MikroORM's command line reads the compiled server: its entities and migrations are TypeScript that Node cannot run.
await ensureBuilt(server);
const path = pathToFileURL(resolve(server.directory, 'dev/migrations/scratch-database.js')).href;
const { scratchDatabase } = /** @type {{ scratchDatabase: () => Promise<object> }} */ (await import(path));

export default await scratchDatabase();
