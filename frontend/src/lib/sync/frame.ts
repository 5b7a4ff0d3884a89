/** Longest wait for a frame: a hidden tab gets none, and its state must stay as fresh as that of a visible one. */
const HIDDEN_MS = 120;

/** Runs `work` once before the next paint, or a little later if nothing is painted. */
export function beforeNextPaint(work: () => void): void {
  let isDone = false;
  const once = (): void => {
    if (isDone) return;
    isDone = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    work();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, HIDDEN_MS);
}
