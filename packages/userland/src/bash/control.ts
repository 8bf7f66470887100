/** Leaves `levels` loops: break. */
export class BreakLoop extends Error {
  levels: number;
  constructor(levels: number) {
    super('break');
    this.levels = levels;
  }
}

/** Goes on with the next round of the loop `levels` out: continue. */
export class ContinueLoop extends Error {
  levels: number;
  constructor(levels: number) {
    super('continue');
    this.levels = levels;
  }
}

/** Leaves a function or a sourced file: return. */
export class ReturnFrom extends Error {
  readonly status: number;
  constructor(status: number) {
    super('return');
    this.status = status;
  }
}

/** Ends the shell: exit, set -e, `${x:?}`. */
export class ExitShell extends Error {
  readonly status: number;
  constructor(status: number) {
    super('exit');
    this.status = status;
  }
}

/** Ends the command line that is being run, as Ctrl-C does and an expansion error. */
export class AbortCommand extends Error {
  readonly status: number;
  constructor(status: number) {
    super('abort');
    this.status = status;
  }
}

/** An expansion or assignment that is refused; its message is printed with the shell's prefix. */
export class ExpansionError extends Error {
  readonly status: number;
  /** Ends a shell that is not interactive. */
  readonly fatal: boolean;
  /** What begins its message, told where it left the text that it arose in. */
  prefix: string | undefined;
  constructor(message: string, options: { status?: number; fatal?: boolean } = {}) {
    super(message);
    this.status = options.status ?? 1;
    this.fatal = options.fatal ?? false;
  }
}

/** Ends a signal-interrupted `wait` or `read`. */
export class TrapArrived extends Error {
  readonly signal: number;
  constructor(signal: number) {
    super(`trap ${signal}`);
    this.signal = signal;
  }
}
