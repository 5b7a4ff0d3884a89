/** The environment of a program that this one starts: its own, and what that program alone needs to know. */
export const childEnvironment = (more: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...more,
});
