/*
 * CommonJS packages require Nest, which is ESM: Jest supports that only once Nest is completely loaded, not while it is
 * being loaded.
 */
export const nest = await Promise.all([import('@nestjs/common'), import('@nestjs/core')]);
