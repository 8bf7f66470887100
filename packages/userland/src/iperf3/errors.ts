import { type Errno, KernelError, strerror } from '@labwire/core/error';

/** Errors of iperf3 by what they say; those with a number travel from the server to the client. Source: iperf_error.c, iperf_strerror(). */
export const MESSAGES = {
  1: 'cannot be both server and client',
  2: 'must either be a client (-c) or server (-s)',
  3: 'some option you are trying to set is server only',
  4: 'some option you are trying to set is client only',
  5: 'test duration too long (maximum = 86400 seconds)',
  6: 'number of parallel streams too large (maximum = 128)',
  7: 'block size too large (maximum = 1048576 bytes)',
  8: 'socket buffer size too large (maximum = 536870912 bytes)',
  9: 'invalid report interval (min = 0.1, max = 60 seconds)',
  10: 'TCP MSS too large (maximum = 9216 bytes)',
  12: 'bogus value for --omit',
  15: 'invalid burst count (maximum = 1000)',
  16: 'only one test end condition (-t, -n, -k) may be specified',
  17: 'unable to open log file',
  20: 'block size invalid (minimum = 16 bytes, maximum = 65507 bytes)',
  21: 'bad TOS value (must be between 0 and 255 inclusive)',
  24: 'bad format specifier (valid formats are in the set [kmgtKMGT])',
  25: 'cannot be both reverse and bidirectional',
  26: 'port number must be between 1 and 65535 inclusive',
  30: 'idle timeout parameter is not positive or larger than allowed limit',
  102: 'unable to start listener for connections',
  103: 'unable to connect to server',
  106: 'unable to receive cookie at server',
  108: 'unable to read from the control socket',
  109: 'control socket has closed unexpectedly',
  110: 'received an unknown control message',
  111: 'unable to send control message',
  112: 'unable to receive control message',
  114: 'unable to receive parameters from client',
  117: 'unable to receive results',
  119: 'the client has terminated',
  120: 'the server has terminated',
  121: 'the server is busy running a test. try again later',
  124: 'unable to set socket buffer size',
  134: 'unable to set TCP_CONGESTION: Supplied congestion control algorithm not supported on this host',
  141: 'socket buffer size not set correctly',
  144: 'idle timeout for receiving data',
  202: 'unable to start stream listener',
  203: 'unable to connect stream',
  205: 'unable to write to stream socket',
  206: 'unable to read from stream socket',
  208: 'stream has an invalid id',
} as const;

/** A number of {@link MESSAGES}. */
export type IperfErrno = keyof typeof MESSAGES;

/** Those whose message ends with what errno says. */
const WITH_ERRNO: ReadonlySet<number> = new Set([
  17, 102, 103, 106, 108, 111, 112, 114, 117, 124, 202, 203, 205, 206,
]);

/** Why a test, or the program, ends. */
export class IperfError extends Error {
  readonly code: IperfErrno;
  readonly errno: Errno | undefined;

  /** @param cause what the kernel said, or the resolver */
  constructor(code: IperfErrno, cause?: unknown) {
    super(text(code, cause));
    this.code = code;
    this.errno = cause instanceof KernelError ? cause.errno : undefined;
  }
}

function text(code: IperfErrno, cause: unknown): string {
  const said = cause instanceof KernelError ? strerror(cause.errno) : cause;
  return WITH_ERRNO.has(code) ? `${MESSAGES[code]}: ${said ?? ''}` : MESSAGES[code];
}

/** Runs a step whose errors of the kernel mean `code`. */
export async function meaning<T>(code: IperfErrno, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (e) {
    if (e instanceof KernelError) throw new IperfError(code, e);
    throw e;
  }
}
