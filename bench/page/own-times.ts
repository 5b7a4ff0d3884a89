import { z } from 'zod';

const eventSchema = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  tdur: z.number().optional(),
  args: z.object({ name: z.string().optional() }).optional(),
});

/** What the tasks of the pages' main threads took of the processor for themselves, in milliseconds, of a trace. */
export function ownTimes(trace: unknown): number[] {
  const events = z.object({ traceEvents: z.array(eventSchema) }).parse(trace).traceEvents;
  const threads = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const isPage = new Set(threads.map(({ pid, tid }) => `${pid} ${tid}`));
  const times = events
    .filter(({ name, pid, tid }) => name.endsWith('RunTask') && isPage.has(`${pid} ${tid}`))
    .flatMap(({ tdur }) => (tdur === undefined ? [] : [tdur / 1_000]));
  if (times.length === 0) throw new Error('Chromium has traced no task of any page.');
  return times;
}
