import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defaultClientConditions, defaultServerConditions, defineConfig } from 'vite';
import { afterServer } from './after-server.ts';
import { compiledCatalogues } from './catalogues.plugin.ts';
import { withRoutes } from './page-routes.adapter.ts';
import { pageVersion } from './page-version.ts';

const backend = process.env['BACKEND_URL'] ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [
    afterServer(backend),
    compiledCatalogues(),
    tailwindcss(),
    sveltekit({
      compilerOptions: { runes: true },
      version: { name: pageVersion() },
      adapter: withRoutes(adapter({ fallback: 'index.html', precompress: true }), 'build'),
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          'style-src': ['self', 'unsafe-inline'],
          'img-src': ['self', 'data:', 'blob:'],
          'font-src': ['self', 'data:'],
          'connect-src': ['self'],
          'manifest-src': ['self'],
          'worker-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'form-action': ['self'],
        },
      },
    }),
  ],
  // `source` makes `#protocol` resolve to the TypeScript that the server is built from.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['source', ...defaultServerConditions] } },
  server: {
    // The protocol lives beside the page's own root.
    fs: { allow: ['..'] },
    // With the address of the visitor: the local provider answers this machine alone.
    proxy: {
      '/api': { target: backend, xfwd: true },
      '/v1': { target: backend, xfwd: true },
      '/health': { target: backend, xfwd: true },
      '/local': { target: backend, xfwd: true },
      '/socket.io': { target: backend, xfwd: true, ws: true },
    },
  },
});
