import { type Errno, strerror } from '@labwire/core/error';
import { parseLong } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

/** A message that ends a program: what error(3) with a status prints. */
export class ProgramError extends Error {
  readonly status: number;

  /** @param errno adds `: ` and its text */
  constructor(status: number, message: string, errno?: Errno) {
    super(errno === undefined ? message : `${message}: ${strerror(errno)}`);
    this.status = status;
  }
}

/** Prints as error(3) does: the program's name as it was typed, a colon and the message. */
export function warn(proc: Process, message: string): Promise<void> {
  return proc.err(`${proc.argv[0]}: ${message}\n`);
}

/** Runs `body`; a {@link ProgramError} becomes its message and exit status. */
export async function reportErrors(proc: Process, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (e) {
    if (!(e instanceof ProgramError)) throw e;
    await warn(proc, e.message);
    return e.status;
  }
}

/**
 * Reads an option's number. iputils_common.c, strtol_or_err()
 * @throws ProgramError with status 1
 */
export function numberOption(
  text: string,
  min: number,
  max: number,
  maxText: string = String(max),
): number {
  const value = parseLong(text);
  if (value === undefined) throw new ProgramError(1, `invalid argument: '${text}'`);
  if (Math.abs(value) > 2 ** 63) throw new ProgramError(1, `invalid argument: '${text}'`, 'ERANGE');
  if (value < min || value > max) {
    const range = `out of range: ${min} <= value <= ${maxText}`;
    throw new ProgramError(1, `invalid argument: '${text}': ${range}`);
  }
  return value;
}
