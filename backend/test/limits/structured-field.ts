/** One member of a list of structured fields with whole numbers as parameters: `"user";q=3000;w=60`. */
export interface Member {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number>>;
}

const MEMBER = /^"([a-z-]+)"((?:;[a-z]+=\d+)+)$/;

/** Parses such a list (RFC 9651). @throws Error for anything else */
export function parseMembers(header: string | null): Member[] {
  return (header ?? '').split(/, ?/).map((text) => {
    const [, name, parameters] = MEMBER.exec(text) ?? [];
    if (name === undefined || parameters === undefined) throw new Error(`Not a member of a list: ${text}`);
    const pairs = parameters.slice(1).split(';');
    return { name, parameters: Object.fromEntries(pairs.map((pair) => [pair.charAt(0), Number(pair.slice(2))])) };
  });
}
