/** A complaint that ends the program: printed after its name, with the usage unless it is Labwire's own. */
export class LsofError extends Error {
  readonly usage: boolean;
  constructor(message: string, usage = true) {
    super(message);
    this.usage = usage;
  }
}
