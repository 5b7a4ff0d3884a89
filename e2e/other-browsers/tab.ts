/** Keys without a character. */
export type Key = 'Enter' | 'Shift' | 'Control';

/** A tab of a browser that Playwright does not drive: only what a smoke test needs. */
export interface Tab {
  open(url: string): Promise<void>;
  /** Evaluates an expression in the page, and returns its value as JSON. */
  read<Value>(expression: string): Promise<Value>;
  click(selector: string): Promise<void>;
  /** Presses real keys in sequence, wherever the focus is. */
  type(text: string): Promise<void>;
  /** Presses the last key while all earlier ones are held down. */
  press(...keys: readonly [...Key[], Key | Lowercase<string>]): Promise<void>;
  /** Composes a character like an input method, and accepts it with Enter. */
  compose(character: string): Promise<void>;
}

/** A browser with its own profile. */
export interface OtherBrowser {
  newTab(): Promise<Tab>;
  close(): Promise<void>;
}

/** How to start a browser, or why it cannot be started on this machine. */
export interface BrowserKind {
  readonly name: string;
  /** What is not installed; `undefined` if nothing is missing. */
  readonly missing: string | undefined;
  start(): Promise<OtherBrowser>;
}
