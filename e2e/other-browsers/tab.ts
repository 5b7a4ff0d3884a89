/** Keys that have no character of their own. */
export type Key = 'Enter' | 'Shift' | 'Control';

/** A tab of a browser that Playwright does not drive: no more than a smoke needs. */
export interface Tab {
  open(url: string): Promise<void>;
  /** Evaluates an expression in the page, and returns its value as JSON carries it. */
  read<Value>(expression: string): Promise<Value>;
  click(selector: string): Promise<void>;
  /** Presses real keys, one after the other, wherever the focus is. */
  type(text: string): Promise<void>;
  /** Presses the last key while all those before it are held down. */
  press(...keys: readonly [...Key[], Key | Lowercase<string>]): Promise<void>;
  /** Composes a character as an input method does, and takes it by Enter. */
  compose(character: string): Promise<void>;
}

/** A browser with a profile of its own. */
export interface OtherBrowser {
  newTab(): Promise<Tab>;
  close(): Promise<void>;
}

/** How a kind of browser is started, or why it cannot be started on this machine. */
export interface BrowserKind {
  readonly name: string;
  /** Names what is not installed; `undefined` where all is there. */
  readonly missing: string | undefined;
  start(): Promise<OtherBrowser>;
}
