/** The program cannot do its work as things are; the message tells the person at the terminal why, and what to do. */
export class CannotStart extends Error {
  override readonly name: string = 'CannotStart';
}
