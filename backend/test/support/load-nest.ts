/*
 * Packages in CommonJS require Nest, which is ESM: Jest can do that only once Nest is loaded whole, not while it is
 * being loaded.
 */
export const nest = await Promise.all([import('@nestjs/common'), import('@nestjs/core')]);
