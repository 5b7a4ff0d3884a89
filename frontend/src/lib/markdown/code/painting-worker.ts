export interface PaintingRequest {
  readonly id: number;
  readonly code: string;
  readonly language: string;
}

export interface PaintingAnswer {
  readonly id: number;
  readonly html: string;
}

/** Highlights code in a worker, which is started on first use. */
class PaintingWorker {
  #worker: Worker | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, (html: string) => void>();

  /** HTML as `Highlighter` makes it; never resolves if the worker cannot be loaded, so the code stays plain. */
  html(code: string, language: string): Promise<string> {
    this.#worker ??= this.#start();
    const id = (this.#lastId += 1);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.set(id, resolve);
    const request: PaintingRequest = { id, code, language };
    this.#worker.postMessage(request, []);
    return promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./highlighter.worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<PaintingAnswer>) => {
      this.#waiting.get(data.id)?.(data.html);
      this.#waiting.delete(data.id);
    });
    worker.addEventListener('error', () => {
      console.warn('Long code is not highlighted: the worker could not be loaded.');
      this.#waiting.clear();
    });
    return worker;
  }
}

export const paintingWorker = new PaintingWorker();
