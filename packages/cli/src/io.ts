/** What `labwire` reads and writes: the process's own, or a test's. */
export interface Io {
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Whether standard output shows colours. */
  readonly colour: boolean;
}

/** The process's own input and output. */
export function processIo(): Io {
  const { env, stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    colour: stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
  };
}

/** What `labwire` exits with. */
export const EXIT_OK = 0;
/** An output differs, or a command failed. */
export const EXIT_MISMATCH = 1;
/** A lab can't be read, or the command line makes no sense. */
export const EXIT_UNREADABLE = 2;
/** Ctrl-C. What shells show of a program that SIGINT ended */
export const EXIT_INTERRUPTED = 130;
/** A bug of Labwire itself. Linux sysexits.h, EX_SOFTWARE */
export const EXIT_BUG = 70;
