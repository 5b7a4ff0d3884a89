export * from './commands.js';
export * from './errors.js';
export * from './events.js';
export * from './fold.js';
// Types alone: the page needs no more of them, and would load the schemas with its first script.
export type * from './http/index.js';
export * from './ids.js';
export * from './message-window.js';
export * from './results.js';
export * from './spending.js';
export * from './team/activity.js';
export * from './team/announcements.js';
export * from './team/fold-team.js';
export * from './team/model-access.js';
export * from './team/roles.js';
export * from './texts.js';
export * from './usage.js';
export * from './views.js';
export * from './webhooks/webhooks.js';
