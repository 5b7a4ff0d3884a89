import type { Answer } from './answers.js';

const FORMULA: Answer = {
  topics: /math|formula|equation|sum|probab|statist|average|integral|proof|number|physics/gi,
  text: `
## Why an average of averages misleads

Take two groups of sizes $n_1$ and $n_2$ with means $\\bar{x}_1$ and $\\bar{x}_2$. The overall mean is not the mean of the two means, unless the groups have the same size:

$$
\\bar{x} = \\frac{n_1 \\bar{x}_1 + n_2 \\bar{x}_2}{n_1 + n_2} \\neq \\frac{\\bar{x}_1 + \\bar{x}_2}{2}
$$

### An example

| group | people | mean |
|---|---:|---:|
| morning | 90 | 4.0 |
| evening | 10 | 2.0 |
| **all** | **100** | **3.8** |

The plain average of the two means is $3.0$, although ninety of the hundred people are in a group with a mean of $4.0$.

### What to do instead

1. Keep **sums and counts**, never means: $\\sum x_i$ and $n$ can be combined later.
2. For the variance, keep $\\sum x_i^2$ too, since

$$
\\sigma^2 = \\frac{1}{n} \\sum_{i=1}^{n} x_i^2 - \\bar{x}^2
$$

3. With large values, that difference loses precision. *Welford's* algorithm, which adds one value at a time, does not.
`,
};

const PLAN: Answer = {
  topics: /plan|trip|travel|project|meeting|agenda|schedule|week|idea|list|help me/gi,
  text: `
## A plan that survives its first day

### 1. Define *done*
Write one sentence, in the words of the people who will use the result. If two people write it separately and the sentences differ, settle that first.

### 2. Start with the risks
- What has your team never done before?
- What depends on other people's calendars?
- What would make everything else worthless if it failed?

### 3. Split it into pieces that you can show

| when | what you show | to whom |
|---|---|---|
| Tuesday | one path from end to end, still ugly | the team |
| Thursday | the same path, with real data | two users |
| next Monday | the most common path, finished | everyone |

### 4. Leave room
A week that is completely planned takes longer than a week, because every surprise delays everything after it. ~~Twenty per cent~~ A third of the time left unplanned is not too much.

> Plans are worthless, but planning is everything.
>
> — Dwight D. Eisenhower, 1957

Where shall we start: with the sentence, or with the risks?
`,
};

const WRITING: Answer = {
  topics: /write|writing|text|email|e-mail|letter|translate|summar|poem|story|word/gi,
  text: `
Most good short texts were long texts that have been cut. Here is one way to do it:

1. **Write the last sentence first.** What should the reader do, or know, when they stop? Delete everything that does not lead there.
2. **Name who acts.** *"It was decided that the office would be closed"* hides who decided; *"We are closing the office"* does not.
3. **Read it aloud.** Where you run out of breath, so will the reader.

### Before

> Please be advised that, due to unforeseen circumstances, it has unfortunately become necessary to reschedule the meeting which had originally been planned for Thursday.

### After

> Our room is flooded. We will meet on Friday at ten instead.

Most of the words said nothing, and are not missed:

- *please be advised that* only announces that something follows;
- *due to unforeseen circumstances* says that there is a reason, but not which;
- *unfortunately* asks for sympathy before the reader knows what for.

Send me a paragraph of yours, and we can try it on that.
`,
};

const WORLD: Answer = {
  topics: /\b(tea|coffee|cook\w*|recipe|food|drink|taste|science|chemistry|history)\b/gi,
  text: `
### In one sentence

Tea turns bitter because the leaves release their flavour early and their tannins late, so **time and temperature matter** more than the amount of tea.

### What happens in the cup

Hot water dissolves three groups of substances at very different speeds:

| substance | taste | released |
|---|---|---|
| amino acids (theanine) | sweet, full | within the first minute |
| caffeine | slightly bitter, lively | within one to three minutes |
| catechins, tannins | bitter, drying | slowly, but faster in hotter water |

### For a pot

1. Warm the pot first; a cold one cools the water by ten degrees.
2. Use about 2 g of leaves per 200 ml.
3. Pour in water at the right temperature:
   - green: 70–80 °C
   - oolong: 85–90 °C
   - black: 95 °C or more
4. Take the leaves out after **two to three minutes**. Leaving them in makes it *bitter*, not *stronger*.

If it is too weak, use more leaves next time instead of more minutes. And if you like it bitter, enjoy it. 🍵
`,
};

export const GENERAL_ANSWERS: readonly Answer[] = [FORMULA, PLAN, WRITING, WORLD];
