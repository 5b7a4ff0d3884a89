const PREFIX = 'lockstep.draft.';

/** Key of the text that belongs to no conversation yet. */
export const NEW_CONVERSATION = 'new';

/** What somebody has typed and not sent, by conversation; it outlives a reload and the end of a session. */
export const drafts = {
  read(conversation: string): string {
    return stored(() => localStorage.getItem(PREFIX + conversation)) ?? '';
  },
  write(conversation: string, text: string): void {
    stored(() =>
      text === '' ? localStorage.removeItem(PREFIX + conversation) : localStorage.setItem(PREFIX + conversation, text),
    );
  },
  /** After signing out nothing may be left for the next person at this machine. */
  forgetAll(): void {
    stored(() => {
      for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
    });
  },
};

function stored<Result>(access: () => Result): Result | undefined {
  try {
    return access();
  } catch (error) {
    console.debug('Drafts are not kept: storage is blocked or full.', error);
    return undefined;
  }
}
