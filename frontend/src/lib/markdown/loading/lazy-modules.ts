import { LazyModule } from './lazy-module.svelte.ts';

/** highlight.js with the languages of this page. */
export const highlighter = new LazyModule(async () => (await import('../code/highlighter.ts')).highlighter);

/** KaTeX with its fonts. */
export const formulas = new LazyModule(async () => {
  const [katex] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')]);
  return katex.default;
});

/** Mermaid; each type of diagram loads its own chunk. */
export const diagrams = new LazyModule(() => import('../diagrams/diagram-renderer.ts'));
