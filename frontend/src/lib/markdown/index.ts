export { default as Markdown } from './drawing/Markdown.svelte';
export { default as OwnText } from './blocks/OwnText.svelte';
