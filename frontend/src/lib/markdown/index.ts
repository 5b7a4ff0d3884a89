export { default as Markdown } from './Markdown.svelte';
export { default as OwnText } from './OwnText.svelte';
