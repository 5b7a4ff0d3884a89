/** Attempts at once in this process. */
const TOTAL = 32;
/** Those of them for webhooks whose last attempt failed: however many hang, the others find a free lane. */
const FOR_FAILING = 16;
const PER_WEBHOOK = 2;

/** Limits the attempts of this process. */
export class Lanes {
  private readonly used = new Map<string, number>();
  private total = 0;
  private failing = 0;

  /** @returns `undefined` when there is no room; otherwise what leaves the lane */
  enter({ id, isFailing }: { readonly id: string; readonly isFailing: boolean }): Disposable | undefined {
    const used = this.used.get(id) ?? 0;
    if (used >= PER_WEBHOOK || this.total >= TOTAL || (isFailing && this.failing >= FOR_FAILING)) return undefined;
    this.count(id, isFailing, 1);
    return { [Symbol.dispose]: () => this.count(id, isFailing, -1) };
  }

  private count(id: string, isFailing: boolean, by: 1 | -1): void {
    const used = (this.used.get(id) ?? 0) + by;
    if (used === 0) this.used.delete(id);
    else this.used.set(id, used);
    this.total += by;
    if (isFailing) this.failing += by;
  }
}
