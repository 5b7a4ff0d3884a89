import semver from 'semver';

/** A section of a version in the form of https://keepachangelog.com. */
export interface Section {
  /** By heading: `Added`, `Changed`, `Deprecated`, `Removed`, `Fixed`, `Security`. */
  readonly groups: ReadonlyMap<string, string>;
  /** The whole text below the heading of the version. */
  readonly text: string;
}

const UNRELEASED = '## [Unreleased]';
const GROUPS = new Set(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']);

/**
 * What was noted since the last release.
 * @throws Error when there is no such section, no entry in it, or a heading that the form does not have
 */
export function unreleased(changelog: string): Section {
  const [, after] = changelog.split(`${UNRELEASED}\n`);
  if (after === undefined) throw new Error(`CHANGELOG.md has no section "${UNRELEASED}".`);
  const [text = ''] = after.split(/^(?=## )/m);
  const groups = new Map<string, string>();
  for (const part of text.split(/^### /m).slice(1)) {
    const [heading = '', ...lines] = part.split('\n');
    if (!GROUPS.has(heading)) throw new Error(`CHANGELOG.md: "${heading}" is none of ${[...GROUPS].join(', ')}.`);
    const entries = lines.join('\n').trim();
    if (entries !== '') groups.set(heading, entries);
  }
  if (groups.size === 0) throw new Error(`CHANGELOG.md has no entry below "${UNRELEASED}": nothing to release.`);
  return { groups, text: text.trim() };
}

/** Gives the noted changes the version and the date, and begins an empty section. */
export const dated = (changelog: string, version: string, date: string): string =>
  changelog.replace(`${UNRELEASED}\n`, `${UNRELEASED}\n\n## [${version}] - ${date}\n`);

/**
 * Why a version does not say what has changed, by https://semver.org: what is removed needs a new major version, and all else
 * that is not a fix a minor one. Below 1.0.0, a minor version may remove something.
 */
export function whyTooSmall(former: string, version: string, { groups }: Section): string | undefined {
  const isMajor = semver.major(version) > semver.major(former);
  const isMinor = isMajor || semver.minor(version) > semver.minor(former);
  const isBreaking = groups.has('Removed');
  if (isBreaking && !isMajor && semver.major(former) > 0)
    return `${version} removes something: it needs a new major version.`;
  const named = [...groups.keys()].find((heading) => heading !== 'Fixed' && heading !== 'Security');
  if (named !== undefined && !isMinor) return `${version} has changes below "${named}": it needs a new minor version.`;
  return undefined;
}
