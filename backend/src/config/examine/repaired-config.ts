import type { Config } from '../config.js';
import { ConfigError, readConfig } from '../read-config.js';

/** What is wrong with a variable, or with several together: their names as the message has them. */
export interface ConfigProblem {
  readonly variable: string;
  readonly reason: string;
}

interface RepairedConfig {
  /** As far as the values can be used, so that everything else can still be checked. */
  readonly config: Config;
  readonly problems: readonly ConfigProblem[];
  /** Variables whose value was left out or invented: what depends on them is not what the operator wants. */
  readonly repaired: ReadonlySet<string>;
}

/** Stand in for variables that are required but missing; they lead nowhere. */
const INVENTED: Readonly<Record<string, string>> = {
  PUBLIC_URL: 'http://localhost',
  GOOGLE_CLIENT_ID: 'missing',
  GOOGLE_CLIENT_SECRET: 'missing',
  GOOGLE_AUTHORIZATION_URL: 'http://localhost/missing',
  GOOGLE_TOKEN_URL: 'http://localhost/missing',
  GOOGLE_USERINFO_URL: 'http://localhost/missing',
  OPENAI_BASE_URL: 'http://localhost/missing',
};
/** More than there are stages in `readConfig`. */
const MAX_ROUNDS = 12;

/**
 * Reads an environment like `readConfig`, but collects all problems: a variable that is refused is left out, and a
 * missing one invented, until the rest can be read. Nothing is written, not even a missing secret.
 * @param secret in place of a secret that is missing or refused
 */
export function readRepaired(env: Readonly<Record<string, string>>, secret: string): RepairedConfig {
  const problems: ConfigProblem[] = [];
  const repaired = new Set<string>();
  let variables = { ...env };
  for (let round = 0; ; round += 1) {
    const isProduction = variables['NODE_ENV'] === 'production';
    const hasSecret = (variables['APP_SECRET'] ?? '').trim() !== '';
    // Outside of production a missing secret is generated, which must not happen here.
    const needsSecret = !hasSecret && (!isProduction || repaired.has('APP_SECRET'));
    if (needsSecret) variables['APP_SECRET'] = secret;
    try {
      return { config: readConfig(variables), problems, repaired };
    } catch (error) {
      if (!(error instanceof ConfigError) || round === MAX_ROUNDS) throw error;
      for (const line of error.message.split('\n')) {
        const { names, problem } = read(line);
        // A mistake that a repair has caused is not the operator's.
        if (!names.some((name) => repaired.has(name))) problems.push(problem);
        variables = repair(variables, names);
        for (const name of names) repaired.add(name);
      }
    }
  }
}

function read(line: string): { readonly names: readonly string[]; readonly problem: ConfigProblem } {
  const [, variable = '', reason = line] = /^([A-Z_]{2,}[^:]*): (.*)$/.exec(line) ?? [];
  return { names: variable.match(/[A-Z][A-Z_]+/g) ?? [], problem: { variable, reason } };
}

function repair(variables: Record<string, string>, names: readonly string[]): Record<string, string> {
  const rest = { ...variables };
  for (const name of names) {
    if (rest[name] !== undefined) delete rest[name];
    else if (INVENTED[name] !== undefined) rest[name] = INVENTED[name];
  }
  return rest;
}
