import type { Answer } from './answers.js';

const FORMULA: Answer = {
  topics: /math|formula|equation|sum|probab|statist|average|integral|proof|number|physics/gi,
  text: `
## Why an average of averages misleads

Take two groups of sizes $n_1$ and $n_2$ with means $\\bar{x}_1$ and $\\bar{x}_2$. The mean of everybody is not the mean of the two, unless the groups are of one size:

$$
\\bar{x} = \\frac{n_1 \\bar{x}_1 + n_2 \\bar{x}_2}{n_1 + n_2} \\neq \\frac{\\bar{x}_1 + \\bar{x}_2}{2}
$$

### An example

| group | people | mean |
|---|---:|---:|
| morning | 90 | 4.0 |
| evening | 10 | 2.0 |
| **all** | **100** | **3.8** |

The plain average of the two means is $3.0$, and ninety people would not recognise themselves in it.

### What to do instead

1. Keep **sums and counts**, never means: $\\sum x_i$ and $n$ can be added up later.
2. For the spread keep $\\sum x_i^2$ too, since

$$
\\sigma^2 = \\frac{1}{n} \\sum_{i=1}^{n} x_i^2 - \\bar{x}^2
$$

3. With large values that difference loses digits. *Welford's* way of adding one value at a time does not.
`,
};

const PLAN: Answer = {
  topics: /plan|trip|travel|project|meeting|agenda|schedule|week|idea|list|help me/gi,
  text: `
## A plan that survives its first day

### 1. Say what *done* means
One sentence, in the words of whoever will use it. If two people write it down separately and the sentences differ, that is the first thing to settle.

### 2. Put the doubtful things first
- What has nobody here done before?
- What depends on somebody else's calendar?
- What would make all of the rest worthless?

### 3. Cut it into pieces that can be shown

| when | what there is to see | who looks at it |
|---|---|---|
| Tuesday | one path from end to end, ugly | the team |
| Thursday | the same path, with real data | two users |
| next Monday | the path that most people take, finished | everybody |

### 4. Leave room
Work that fills the week completely takes longer than a week, because every surprise moves everything behind it. ~~Twenty per cent~~ A third of the time unplanned is not much.

> Plans are worthless, but planning is everything.
>
> — Dwight D. Eisenhower, 1957

Where shall we begin: with the sentence, or with the doubts?
`,
};

const WRITING: Answer = {
  topics: /write|writing|text|email|e-mail|letter|translate|summar|poem|story|word/gi,
  text: `
Good short texts are mostly long texts from which somebody has taken things away. A way to go about it:

1. **Write the last sentence first.** What should the reader do, or know, when they stop? Everything that does not lead there can go.
2. **Name who acts.** *"It was decided that the office would be closed"* hides somebody; *"We are closing the office"* does not.
3. **Read it aloud.** Where you run out of breath, the reader does too.

### Before

> Please be advised that, due to unforeseen circumstances, it has unfortunately become necessary to reschedule the meeting which had originally been planned for Thursday.

### After

> Our room is flooded. We meet on Friday at ten instead.

Nine words out of ten carried nothing. Nobody misses them:

- *please be advised that* says that something is about to be said;
- *due to unforeseen circumstances* says that there was a reason, and keeps it;
- *unfortunately* asks for sympathy before there is anything to feel sorry about.

Send me a paragraph of your own, and we can try it on that.
`,
};

const WORLD: Answer = {
  topics: /\b(tea|coffee|cook\w*|recipe|food|drink|taste|science|chemistry|history)\b/gi,
  text: `
### In one sentence

Tea goes bitter because the leaves give away their flavour early and their tannins late, so **time and heat decide** more than the amount of leaf.

### What happens in the cup

Hot water dissolves three groups of substances, at very different speeds:

| substance | tastes | comes out |
|---|---|---|
| amino acids (theanine) | sweet, full | within the first minute |
| caffeine | slightly bitter, lively | within one to three minutes |
| catechins, tannins | bitter, drying | slowly, and faster the hotter it is |

### So, for a pot

1. Warm the pot; a cold one takes ten degrees away.
2. Take about 2 g of leaves for 200 ml.
3. Pour water at the right heat:
   - green: 70–80 °C
   - oolong: 85–90 °C
   - black: 95 °C or more
4. Take the leaves out after **two to three minutes**. Leaving them in makes it *bitter*, not *stronger*.

If it is too weak, use more leaves the next time rather than more minutes. And if you like it bitter: there is nothing wrong with that. 🍵
`,
};

export const GENERAL_ANSWERS: readonly Answer[] = [FORMULA, PLAN, WRITING, WORLD];
