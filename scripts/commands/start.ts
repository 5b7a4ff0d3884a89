import { page } from '../build/outputs.ts';
import { runBuilt } from '../build/run-built.ts';

await runBuilt('main.js', page);
