/**
 * Makes a second Ctrl-C end this process at once, while the first one leaves the server its time to shut down.
 *
 * Under `npm start` one key press arrives twice, from the terminal and from npm, which passes it on:
 * what follows within half a second belongs to the first.
 */
export function endOnSecondInterrupt(): void {
  const EXIT_CODE_AFTER_SIGINT = 130;
  let firstAt: number | undefined;
  process.on('SIGINT', () => {
    // Alone here: nothing listens yet, or the server has shut down and passes the signal on as its last act.
    const isAlone = process.listenerCount('SIGINT') === 1;
    firstAt ??= performance.now();
    if (isAlone || performance.now() - firstAt > 500) process.exit(EXIT_CODE_AFTER_SIGINT);
  });
}
