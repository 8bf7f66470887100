import type { Process, Program } from '../machine/index.ts';

/** Ends a program: what goes to standard error before, and the exit status. */
export class Exit extends Error {
  readonly status: number;

  constructor(status: number, text = '') {
    super(text);
    this.status = status;
  }
}

/** A program that may end by throwing {@link Exit}. */
export function program(body: (proc: Process) => Promise<number>): Program {
  return async (proc) => {
    try {
      return await body(proc);
    } catch (e) {
      if (!(e instanceof Exit)) throw e;
      if (e.message !== '') await proc.err(e.message);
      return e.status;
    }
  };
}

/** What is known of the real program and not done here. */
export function unsupported(tool: string, what: string, supported: string): Exit {
  return new Exit(1, `${tool}: ${what} is not supported by Labwire; supported: ${supported}\n`);
}
