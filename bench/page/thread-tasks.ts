import { z } from 'zod';

const eventSchema = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  /** CPU time of the thread at the start, in microseconds. */
  tts: z.number().optional(),
  tdur: z.number().optional(),
  args: z.object({ name: z.string().optional() }).optional(),
});

type Event = z.infer<typeof eventSchema>;

/** A task of a page's main thread. */
export interface Task {
  /** CPU time, in milliseconds. */
  readonly ms: number;
  /** CPU time by Chromium's event names, without nested events. */
  readonly parts: ReadonlyMap<string, number>;
}

/** The main-thread tasks of all pages in a trace. */
export function tasksOf(trace: unknown): Task[] {
  const events = z.object({ traceEvents: z.array(eventSchema) }).parse(trace).traceEvents;
  const threads = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const tasks = threads.flatMap(({ pid, tid }) =>
    tasksOfThread(events.filter((event) => event.pid === pid && event.tid === tid && event.tdur !== undefined)),
  );
  if (tasks.length === 0) throw new Error('Chromium has traced no task of any page.');
  return tasks;
}

function tasksOfThread(events: readonly Event[]): Task[] {
  const tasks: Task[] = [];
  const open: { readonly name: string; readonly end: number; readonly parts: Map<string, number> }[] = [];
  for (const { name, tts = 0, tdur = 0 } of events.toSorted(
    (a, b) => startOf(a) - startOf(b) || lengthOf(b) - lengthOf(a),
  )) {
    while ((open.at(-1)?.end ?? Number.POSITIVE_INFINITY) <= tts) open.pop();
    const outer = open.at(-1);
    const isTask = name.endsWith('RunTask');
    if (!outer && !isTask) continue;
    const parts = outer?.parts ?? new Map<string, number>();
    if (!outer) tasks.push({ ms: tdur / 1_000, parts });
    if (outer) parts.set(outer.name, (parts.get(outer.name) ?? 0) - tdur / 1_000);
    parts.set(name, (parts.get(name) ?? 0) + tdur / 1_000);
    open.push({ name, end: tts + tdur, parts });
  }
  return tasks;
}

const startOf = ({ tts = 0 }: Event): number => tts;
const lengthOf = ({ tdur = 0 }: Event): number => tdur;
