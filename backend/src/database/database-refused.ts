/** The database, or a backup, cannot be used as it is; the message tells the person at the terminal what to do. */
export class DatabaseRefused extends Error {
  override readonly name: string = 'DatabaseRefused';
}
