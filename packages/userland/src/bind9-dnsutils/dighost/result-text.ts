import type { Errno } from '@labwire/core/error';

/** BIND's version, as Debian packages it. */
export const BIND_VERSION = '9.18.49-1~deb12u3-Debian';

/** What BIND says of an error of the network. lib/isc/result.c */
const TEXTS: Readonly<Partial<Record<Errno, string>>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'address in use',
  EADDRNOTAVAIL: 'address not available',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  EINPROGRESS: 'timed out',
  ENETUNREACH: 'network unreachable',
  EPERM: 'permission denied',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'timed out',
};

/** The text of an error. */
export function resultText(errno: Errno): string {
  return TEXTS[errno] ?? 'unexpected error';
}
