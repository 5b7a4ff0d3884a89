import { config } from 'zod';

/*
 * Zod tests whether it may compile its parsers with `eval`. The Content-Security-Policy forbids that, and each test is
 * reported as a violation. This file runs before any route, and so before the schemas of the protocol are loaded.
 */
config({ jitless: true });
