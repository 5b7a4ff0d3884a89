/** Microseconds of the machine's monotonic clock, which all processes share: stamps of one can be read by another. */
export function nowMicros(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
}
