/** What ipset says when something is wrong. lib/errcode.c */
import type { IpSetError } from '@labwire/devices/netfilter';

/** The version that everything here follows. */
export const VERSION = 'v7.17';

const HINT = "Try `ipset help' for more information.\n";

/** An error with its exit code. */
export class IpsetFailure extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }

  /** What is printed. @param line of a file that is restored */
  text(line?: number): string {
    const where = line === undefined || this.code === 2 ? '' : `Error in line ${line}: `;
    return `ipset ${VERSION}: ${where}${this.message}\n${this.code === 2 ? HINT : ''}`;
  }
}

/** A mistake in the command line. */
export function parameterProblem(message: string): IpsetFailure {
  return new IpsetFailure(message, 2);
}

/** A value that cannot be read. */
export function syntaxError(message: string): IpsetFailure {
  return new IpsetFailure(`Syntax error: ${message}`, 1);
}

const GENERAL: Readonly<Partial<Record<IpSetError, string>>> = {
  noset: 'The set with the given name does not exist',
  range: 'Element is out of the range of the set',
  full: 'Hash is full, cannot add more elements',
  nomember: 'Set to be added/deleted/tested as element does not exist.',
  loop: 'Sets with list:set type cannot be added to the set.',
  cidr: 'The value of the CIDR parameter of the IP address is invalid',
  nosecond: 'Sets cannot be swapped: the second set does not exist',
  notype: 'The sets cannot be swapped: their type does not match',
  exists: 'Set cannot be created: set with the same name already exists',
  newname: 'Set cannot be renamed: a set with the new name already exists',
  present: "Element cannot be added to the set: it's already added",
  absent: "Element cannot be deleted from the set: it's not added",
};

/** What a refusal of the kernel is in words. */
export function kernelFailure(error: IpSetError, command: string, typeName: string): IpsetFailure {
  if (error === 'type') return syntaxError(`typename '${typeName}' is unknown`);
  if (error === 'full' && typeName === 'list:set')
    return new IpsetFailure('Set is full, more elements cannot be added.', 1);
  if (error === 'used')
    return new IpsetFailure(
      command === 'rename'
        ? 'Set cannot be renamed: it is in use by another system'
        : 'Set cannot be destroyed: it is in use by a kernel component',
      1,
    );
  return new IpsetFailure(GENERAL[error] ?? error, 1);
}
