/** Variables that were renamed: people have the former name in their `.env`. */
const FORMER_NAMES: Readonly<Record<string, string>> = {
  STAND_IN_SIGN_IN: 'LOCAL_SIGN_IN',
};

export interface RenamedVariables {
  /** By their names of today. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the log has to say about former names, a sentence for each. */
  readonly warnings: readonly string[];
  /** A former name beside its new one, with another value: which of them is meant cannot be known. */
  readonly problems: readonly string[];
}

/** Takes variables by their former names too. */
export function renameVariables(given: Readonly<Record<string, string>>): RenamedVariables {
  const variables = { ...given };
  const warnings: string[] = [];
  const problems: string[] = [];
  for (const [former, name] of Object.entries(FORMER_NAMES)) {
    const value = given[former];
    if (value === undefined) continue;
    if (given[name] !== undefined && given[name] !== value) {
      problems.push(`${name}: differs from ${former}, which is its former name; set ${name} alone`);
    }
    warnings.push(`${former} is now ${name}: please rename it. A later version will ignore the former name.`);
    variables[name] = value;
  }
  return { variables, warnings, problems };
}
