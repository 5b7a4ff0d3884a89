import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { setPace } from '../backend/testing/pace.ts';
import { compiledCatalogues } from './catalogues.plugin.ts';

// Without SvelteKit: what is tested here must not depend on the router.
export default defineConfig({
  plugins: [compiledCatalogues(), svelte({ compilerOptions: { runes: true } })],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['source', ...defaultServerConditions] } },
  test: { environment: 'node', include: ['src/**/*.spec.ts'], testTimeout: 10_000 * (await setPace()) },
});
