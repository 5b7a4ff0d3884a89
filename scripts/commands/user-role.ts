import { runBuilt } from '../build/run-built.ts';

await runBuilt('users/user-role.cli.js');
