export { ERRNO, type Errno, errnoNumber, strerror } from './errno.ts';
export { InvariantError, invariant, KernelError, LabwireError } from './error.ts';
