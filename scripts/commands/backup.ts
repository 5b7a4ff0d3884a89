import { runBuilt } from '../build/run-built.ts';
import { fromCallersFolder } from '../processes/callers-folder.ts';

fromCallersFolder();
await runBuilt('database/backup.cli.js');
