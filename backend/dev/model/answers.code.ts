import type { Answer } from './answers.js';

const DEBOUNCE: Answer = {
  topics: /typescript|javascript|\bjs\b|\bts\b|function|debounce|code|component|react|svelte|node/gi,
  text: `
## Debouncing: run only the last of many calls

A *debounced* function runs only after its calls have paused for a while. It suits a search field: the request is sent when the user stops typing, not on every key.

\`\`\`typescript
/** Calls \`work\` with the latest arguments after \`quietMs\` without a further call. */
export function debounce<Args extends readonly unknown[]>(
  work: (...args: Args) => void,
  quietMs: number,
): { (...args: Args): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const call = (...args: Args): void => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), quietMs);
  };
  return Object.assign(call, { cancel: () => clearTimeout(timer) });
}
\`\`\`

Three things are easy to get wrong:

1. **It is never cancelled.** A component that is unmounted leaves a timer behind; call \`cancel()\` when that happens.
2. **It is created again on each render.** Then every call has its own timer, and nothing is delayed.
3. **Responses arrive out of order.** A debounced request can still be slower than the next one. Abort the old one:

\`\`\`typescript
let running = new AbortController();
const search = debounce(async (words: string) => {
  running.abort();
  running = new AbortController();
  show(await fetch(\`/api/search?q=\${encodeURIComponent(words)}\`, { signal: running.signal }));
}, 200);
\`\`\`

| you want | use |
|---|---|
| one call at the end of a burst | debounce |
| regular calls during a burst | throttle |
| at most one call per frame | \`requestAnimationFrame\` |
`,
};

const SQL: Answer = {
  topics: /sql|database|query|postgres|sqlite|index|table|join/gi,
  text: `
## Pagination that stays fast

\`OFFSET\` reads and discards all rows before the page. **Keyset pagination** asks for the rows after the last one that was shown, and an index finds them at once:

\`\`\`sql
create index message_by_age on message (conversation_id, created_at desc, id desc);

select id, role, text, created_at
from message
where conversation_id = :conversation
  and (created_at, id) < (:last_created_at, :last_id)
order by created_at desc, id desc
limit 50;
\`\`\`

The \`id\` is necessary: two rows can have the same time, and without a second column one of them may be shown twice or not at all.

| rows before the page | \`OFFSET\` | keyset |
|---:|---:|---:|
| 0 | 0.2 ms | 0.2 ms |
| 10,000 | 6 ms | 0.2 ms |
| 1,000,000 | 600 ms | 0.2 ms |

*(Orders of magnitude only; measure your own data.)*

> The trade-off: there is no "page 17", only "next" and "previous". Most lists do not need page numbers.

Check the query plan before you rely on it:

\`\`\`bash
sqlite3 chat.db "explain query plan select ..." # should say SEARCH ... USING INDEX, not SCAN
\`\`\`
`,
};

const PYTHON: Answer = {
  topics: /python|\bpy\b|script|csv|pandas|file|parse|data/gi,
  text: `
## Counting words without loading the whole file

A generator yields one line at a time, so a file of ten gigabytes needs no more memory than one of ten kilobytes.

\`\`\`python
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

WORD = re.compile(r"[^\\W\\d_]+")


def words(path: Path) -> Iterator[str]:
    """Yields the words of a file in lower case, in order."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield from (match.lower() for match in WORD.findall(line))


if __name__ == "__main__":
    for word, count in Counter(words(Path(sys.argv[1]))).most_common(10):
        print(f"{count:8} {word}")
\`\`\`

Run it:

\`\`\`console
$ python words.py moby-dick.txt
   14620 the
    6732 of
    6502 and
\`\`\`

- [x] any valid UTF-8
- [x] letters of every script, not only a to z
- [ ] words that are hyphenated across two lines

It remains to decide what counts as a *word*. \`don't\` counts as two here; add \`'\` to the pattern if you want one.
`,
};

export const CODE_ANSWERS: readonly Answer[] = [DEBOUNCE, SQL, PYTHON];
