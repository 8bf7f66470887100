/** A program ends here: exit(3). */
export class Exit extends Error {
  readonly status: number;
  /** What it says on standard error first. */
  readonly text: string;

  constructor(status: number, text: string) {
    super(`exit ${status}`);
    this.status = status;
    this.text = text;
  }
}

/** A command fails and says so; a batch file may go on after it. Its `status` is what the program then exits with. */
export class Failure extends Error {
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    super(`failure ${status}`);
    this.status = status;
    this.text = text;
  }
}

/** A word is missing at the end. Source: iproute2 lib/utils.c, incomplete_command(). */
export function incompleteCommand(): Exit {
  return new Exit(255, 'Command line is not complete. Try option "help"\n');
}

/** A keyword that must be given is not. Source: lib/utils.c, missarg(). */
export function missingArgument(key: string): Exit {
  return new Exit(255, `Error: argument "${key}" is required\n`);
}

/** A value is wrong. Source: lib/utils.c, invarg(). */
export function invalidArgument(message: string, arg: string): Exit {
  return new Exit(255, `Error: argument "${arg}" is wrong: ${message}\n`);
}

/** A keyword is given twice. Source: lib/utils.c, duparg(). */
export function duplicateArgument(key: string, arg: string): Exit {
  return new Exit(255, `Error: duplicate "${key}": "${arg}" is the second value.\n`);
}

/** A second word where the keyword may be left out. Source: lib/utils.c, duparg2(). */
export function duplicateOrGarbage(key: string, arg: string): Exit {
  return new Exit(255, `Error: either "${key}" is duplicate, or "${arg}" is a garbage.\n`);
}

/** There is no device of this name. Source: lib/utils.c, nodev(). */
export function noSuchDevice(name: string): Failure {
  return new Failure(1, `Cannot find device "${name}"\n`);
}

/** Something the real program does that Labwire does not act on: loud, with what there is instead. */
export function unsupported(what: string, supported: string): Failure {
  return new Failure(1, `${what} is not supported by Labwire; supported: ${supported}\n`);
}
