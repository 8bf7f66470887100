import { type Errno, strerror } from './errno.ts';

/**
 * A system call, netlink request or socket operation that the simulated kernel refuses.
 * Programs catch it and print it in their own words.
 */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  /** Why, as an errno. */
  readonly errno: Errno;
  /** The text of a netlink extended acknowledgement (iproute2 prints it as `Error: TEXT.`), if the kernel sends one. */
  readonly extack: string | undefined;

  constructor(errno: Errno, extack?: string) {
    super(extack ?? strerror(errno));
    this.errno = errno;
    this.extack = extack;
  }
}

/** Something that the person who runs Labwire can mend: a lab, an option, a file. The message says what, why and what to do. */
export class LabwireError extends Error {
  override readonly name = 'LabwireError';
}

/** A bug in Labwire itself. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/**
 * States what must hold if our own code is right; always on.
 * @throws {@link InvariantError} if it does not.
 */
export function invariant(holds: boolean, message: string): asserts holds {
  if (!holds) throw new InvariantError(message);
}
