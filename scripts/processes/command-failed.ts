/** A command cannot do what it was asked; the message is for the person in front of the terminal, so no stack is shown. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
