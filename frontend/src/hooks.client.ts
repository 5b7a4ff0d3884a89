import { config } from 'zod';

/*
 * Zod writes parsers as source text where it may, and tries whether it may: the page's policy forbids it, and each try
 * is a violation. This file is read before any route, and so before the schemas of the protocol.
 */
config({ jitless: true });
