/** Microseconds of the machine's monotonic clock, which all processes share: timestamps are comparable. */
export function nowMicros(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
}
