export * from './commands.js';
export * from './errors.js';
export * from './events.js';
export * from './fold.js';
export * from './ids.js';
export * from './message-window.js';
export * from './usage.js';
export * from './views.js';
