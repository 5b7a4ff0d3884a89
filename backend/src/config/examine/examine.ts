import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { resolve } from 'node:path';
import type { Setting } from '../../protocol/http/index.js';
import { CannotStart } from '../checks/cannot-start.js';
import { storedSecret } from '../checks/kept-secret.js';
import { codeOf } from '../checks/system-reason.js';
import type { Config } from '../config.js';
import { renameVariables } from '../former-names.js';
import { givenVariables } from '../read-config.js';
import { secretsIn } from './masked.js';
import { nearName } from './near-names.js';
import { type ConfigProblem, readRepaired } from './repaired-config.js';
import { KNOWN_NAMES, settingList } from './setting-list.js';

/** Variables in `.env` that are for other programs: Node, proxies, Docker Compose, packages of model providers. */
const FOR_OTHERS =
  /_API_KEY$|^(AWS|AZURE|GOOGLE|OLLAMA|MISTRAL|ANTHROPIC|NODE|PG|COMPOSE|DOCKER|npm|NPM)_|^(HTTPS?|NO|ALL)_PROXY$|^MODEL_PACKAGES$|^TZ$/i;
/** Some of these belong to other programs, although they look like a variable of Lockstep. */
const NOT_MISSPELLED: ReadonlySet<string> = new Set(['NODE_ENV', 'PORTS', 'POST']);

/** Everything that is known about the configuration without using it. */
export interface Examined {
  /** As far as it can be used. */
  readonly config: Config;
  readonly problems: readonly ConfigProblem[];
  /** The variables whose values in `config` are not those of the operator. */
  readonly repaired: ReadonlySet<string>;
  /** Why the secret in `DATA_DIR` cannot be used. */
  readonly secretProblem: string | undefined;
  readonly misspelled: readonly { readonly variable: string; readonly meant: string }[];
  /** Variables in `.env` that nothing reads. */
  readonly unknown: readonly string[];
  readonly former: readonly { readonly variable: string; readonly name: string }[];
  /** Variables with another value in `.env`. */
  readonly overridden: readonly string[];
  readonly settings: readonly Setting[];
  /** By their names of today. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/**
 * Examines a configuration, even one with which the server cannot start. Nothing is written.
 * @param env by default that of this process
 * @param file the variables of `.env`, by default of the one in the working directory
 */
export function examine(
  env: NodeJS.ProcessEnv = process.env,
  file: Readonly<Record<string, string | undefined>> = readEnvironmentFile(),
): Examined {
  const given = givenVariables(env);
  const { variables } = renameVariables(given);
  const dataDir = resolve(variables['DATA_DIR'] ?? './data');
  const kept = variables['APP_SECRET'] === undefined ? readKept(dataDir) : {};
  const invented = randomBytes(32).toString('hex');
  const { config, problems, repaired } = readRepaired(given, kept.secret ?? invented);
  const known = Object.fromEntries(KNOWN_NAMES.flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])));
  const inFile = givenVariables(file);
  const strange = Object.keys(given).filter((name) => !KNOWN_NAMES.includes(name) && !NOT_MISSPELLED.has(name));
  const former = strange.flatMap((variable) => {
    const name = Object.keys(renameVariables({ [variable]: 'x' }).variables).find((other) => other !== variable);
    return name === undefined ? [] : [{ variable, name }];
  });
  const others = strange.filter((name) => !former.some(({ variable }) => variable === name));
  const misspelled = others.flatMap((variable) => {
    const meant = nearName(variable, KNOWN_NAMES);
    return meant === undefined ? [] : [{ variable, meant }];
  });
  const isMisspelled = (name: string): boolean => misspelled.some(({ variable }) => variable === name);
  return {
    config,
    problems,
    repaired: new Set([...repaired, ...(kept.problem === undefined ? [] : ['APP_SECRET'])]),
    secretProblem: kept.problem,
    misspelled,
    unknown: others.filter((name) => inFile[name] !== undefined && !isMisspelled(name) && !FOR_OTHERS.test(name)),
    former,
    overridden: Object.keys(inFile).filter((name) => given[name] !== undefined && given[name] !== inFile[name]),
    settings: settingList({ variables, file: inFile, dataDir, hasKeptSecret: kept.secret !== undefined }),
    variables: known,
    secrets: [
      ...secretsIn({ ...inFile, ...given }),
      config.appSecret,
      ...config.providers.map(({ clientSecret }) => clientSecret),
    ],
  };
}

function readKept(dataDir: string): { readonly secret?: string | undefined; readonly problem?: string } {
  try {
    return { secret: storedSecret(dataDir) };
  } catch (error) {
    if (error instanceof CannotStart) return { problem: error.message };
    throw error;
  }
}

function readEnvironmentFile(): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'));
  } catch (error) {
    // Without the file, and in the image, there are environment variables alone.
    if (codeOf(error) !== '') return {};
    throw error;
  }
}
