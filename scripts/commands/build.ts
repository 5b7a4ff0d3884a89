import { ensureBuilt } from '../build/ensure-built.ts';
import { page, server } from '../build/outputs.ts';

if (!(await ensureBuilt(server, page))) console.log('Nothing has changed since the last build.');
