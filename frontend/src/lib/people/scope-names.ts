import type { TokenScope } from '#protocol';
import { m } from '#lib/language/messages.svelte.ts';

export const scopeName = (scope: TokenScope): string => m[`tokens_scope_${scope}`]();
export const scopeMeaning = (scope: TokenScope): string => m[`tokens_scope_${scope}_hint`]();
