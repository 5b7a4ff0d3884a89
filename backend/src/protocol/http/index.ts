export * from './answers.js';
export * from './bodies.js';
export * from './problem.js';
export * from './system-check.js';
