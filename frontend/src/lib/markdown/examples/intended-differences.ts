/** Why the page differs from a specification, and in which of its examples. */
export interface IntendedDifference {
  readonly why: string;
  readonly commonMark: readonly number[];
  readonly gfm: readonly number[];
}

/** Numbers and ranges: `21 148-150`. */
const numbers = (list: string): number[] =>
  list.split(' ').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });

export const intendedDifferences: readonly IntendedDifference[] = [
  {
    why: 'HTML is shown as the text that it is',
    commonMark: numbers('21 31 148-167 169-178 180-182 184-191 344 475-477 614-615 617 623 630-631 642-643'),
    gfm: numbers('118-137 139-147 149-151 153-160 317 327 354 484-486 633-634 636 642 650-651 653 663-664'),
  },
  {
    why: 'a comment is not shown, and leaves nothing behind',
    commonMark: numbers('179 183 308-309 625-626'),
    gfm: numbers('148 152 288-289 644-646'),
  },
  {
    why: 'an address is a link without any marks too',
    commonMark: numbers('602-603 608 611-612'),
    gfm: numbers('610-611 616 619-620'),
  },
  {
    why: 'what stands between \\[ and \\] is a formula',
    commonMark: numbers('12'),
    gfm: numbers('308'),
  },
];
