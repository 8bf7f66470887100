import {
  type Ipv4Addr,
  type Ipv6Addr,
  isLinkLocal6,
  isLoopback4,
  isMulticast6,
} from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';
import { closeSocket, familyOf, openUdp } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

/** Destination address selection: RFC 3484 section 6 with glibc's default tables (posix/getaddrinfo.c). */

const SCOPE_LINK = 2;
const SCOPE_SITE = 5;
const SCOPE_GLOBAL = 14;

function scope4(a: Ipv4Addr): number {
  return isLoopback4(a) || a >>> 16 === 0xa9fe ? SCOPE_LINK : SCOPE_GLOBAL;
}

function scope6(a: Ipv6Addr): number {
  if (isMulticast6(a)) return (a.w0 >>> 16) & 0xf;
  if (isLinkLocal6(a) || isV6Loopback(a)) return SCOPE_LINK;
  return a.w0 >>> 22 === 0x3fb ? SCOPE_SITE : SCOPE_GLOBAL;
}

function isV6Loopback(a: Ipv6Addr): boolean {
  return a.w0 === 0 && a.w1 === 0 && a.w2 === 0 && a.w3 === 1;
}

function scopeOf(a: InetAddr): number {
  return typeof a === 'number' ? scope4(a) : scope6(a);
}

/** Rows of the policy table: which addresses, their precedence and their label. RFC 3484 section 2.1 */
function policy(a: InetAddr): { readonly precedence: number; readonly label: number } {
  if (typeof a === 'number') return { precedence: 10, label: 4 };
  if (isV6Loopback(a)) return { precedence: 50, label: 0 };
  if (a.w0 >>> 16 === 0x2002) return { precedence: 30, label: 2 };
  if (a.w0 === 0 && a.w1 === 0 && a.w2 === 0xffff) return { precedence: 10, label: 4 };
  if (a.w0 === 0 && a.w1 === 0 && a.w2 === 0) return { precedence: 20, label: 3 };
  if (a.w0 >>> 22 === 0x3fb) return { precedence: 40, label: 5 };
  if (a.w0 >>> 25 === 0x7e) return { precedence: 40, label: 6 };
  return a.w0 === 0x2001_0000 ? { precedence: 40, label: 7 } : { precedence: 40, label: 1 };
}

/** The source address that the kernel would use, undefined if the destination cannot be reached at all. */
function sourceFor(proc: Process, to: SockAddr): InetAddr | undefined {
  const sock = openUdp(proc, familyOf(to.addr));
  try {
    sock.connect({ ...to, port: 53 });
    return sock.localAddr().addr;
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  } finally {
    closeSocket(proc, sock);
  }
}

interface Candidate {
  readonly to: SockAddr;
  readonly from: InetAddr | undefined;
}

function words(a: Ipv6Addr): number[] {
  return [a.w0, a.w1, a.w2, a.w3];
}

/** Leading bits that an IPv6 destination and its source share. */
function sharedBits(c: Candidate): number {
  if (typeof c.to.addr === 'number' || typeof c.from !== 'object') return 0;
  const from = words(c.from);
  let bits = 0;
  for (const [i, w] of words(c.to.addr).entries()) {
    const diff = w ^ (from[i] as number);
    bits += Math.clz32(diff);
    if (diff !== 0) break;
  }
  return bits;
}

/** Rules 1, 2, 5, 6, 8 and 9; the others need addresses that do not exist here. Negative: `a` first. */
function compare(a: Candidate, b: Candidate): number {
  if ((a.from === undefined) !== (b.from === undefined)) return a.from === undefined ? 1 : -1;
  const fits = (c: Candidate) =>
    c.from !== undefined && scopeOf(c.from) === scopeOf(c.to.addr) ? 0 : 1;
  if (fits(a) !== fits(b)) return fits(a) - fits(b);
  const labelled = (c: Candidate) =>
    c.from !== undefined && policy(c.from).label === policy(c.to.addr).label ? 0 : 1;
  if (labelled(a) !== labelled(b)) return labelled(a) - labelled(b);
  const precedence = policy(b.to.addr).precedence - policy(a.to.addr).precedence;
  if (precedence !== 0) return precedence;
  const scope = scopeOf(a.to.addr) - scopeOf(b.to.addr);
  if (scope !== 0) return scope;
  return familyOf(a.to.addr) === familyOf(b.to.addr) ? sharedBits(b) - sharedBits(a) : 0;
}

/** Puts destinations into the order in which a program should try them; stable. */
export function orderDestinations(proc: Process, addrs: readonly SockAddr[]): SockAddr[] {
  if (addrs.length < 2) return [...addrs];
  const found = addrs.map((to) => ({ to, from: sourceFor(proc, to) }));
  return found.sort(compare).map((c) => c.to);
}
