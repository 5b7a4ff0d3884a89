/** Longest wait for a frame. A hidden tab gets none, and its state must stay as fresh as that of any other. */
const HIDDEN_MS = 120;

/** Runs `work` once before the next paint, or a little later where nothing is painted. */
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
