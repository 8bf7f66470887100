/** A configuration that nginx refuses: the text of its `[emerg]` line, with file and line where they belong. */
export class ConfError extends Error {
  /** Whether the whole file was read: then it is said that the syntax is ok. */
  readonly afterParse: boolean;

  constructor(message: string, afterParse = false) {
    super(message);
    this.afterParse = afterParse;
  }
}
