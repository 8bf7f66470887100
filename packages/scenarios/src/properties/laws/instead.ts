/** What subjects do where they do not meet a law: checks that several laws share. */
import { type Check, wants } from '../checks.ts';
import { approves, endText } from '../judge.ts';
import type { Instead, Try } from '../law.ts';
import { type End, Seen } from '../packet.ts';
import type { SubjectName } from '../subject.ts';
import type { Machine } from '../topology.ts';
import type { Trace } from '../trace.ts';

/** Subjects that translate sources in the kernel, and with them all whose mappings end. */
export const SOURCE: readonly SubjectName[] = ['masquerade', 'snat'];
export const MAPPED: readonly SubjectName[] = ['masquerade', 'snat', 'redirect'];
export const OUTER: readonly SubjectName[] = ['masquerade', 'snat', 'dnat'];

/** The ports among which one is drawn that could not be kept. Linux `nf_nat_l4proto_unique_tuple()` */
function isOfClass(port: number, inner: number): boolean {
  if (inner < 512) return port >= 1 && port < 512;
  return inner < 1024 ? port >= 600 && port < 1024 : port >= 1024;
}

/** Ports that a kernel gives to sockets that ask for none. `net.ipv4.ip_local_port_range` */
const isEphemeral = (port: number): boolean => port >= 32_768 && port <= 60_999;

/** What a flow's step shows at the peer, if its outer end differs from that of another step: `port` must be as it should. */
function differing(
  t: Trace,
  s: Try,
  [first, second]: readonly [string, string],
  what: string,
  isRight: (outer: End) => boolean,
): Check[] {
  const [one, two] = [t.at(first, s.peerSide), t.at(second, s.peerSide)];
  if (one === undefined || two === undefined) return [];
  if (one.src.addr === two.src.addr && one.src.port === two.src.port) return [];
  return [approves(t, second, s.peerSide, what, two, isRight(two.src))];
}

/**
 * Where the second of two steps shows another outer port, that is one of the class of the inner one, and another flow has the
 * first: so it is always with REDIRECT, which leads all peers' flows to the same place.
 */
export function redrawn(
  t: Trace,
  s: Try,
  first: string,
  second: string,
  isTaken: boolean = s.isCrowded,
): Check[] {
  const { inner } = s.place(s.chance.a);
  const proto = t.at(second, s.peerSide)?.proto;
  const addrs = s.subject === 'redirect' ? [inner.addr] : s.topology.outer;
  return differing(
    t,
    s,
    [first, second],
    'another port of the same class',
    ({ addr, port }) =>
      (isTaken || s.subject === 'redirect') &&
      addrs.includes(addr) &&
      (proto === 'icmp' || isOfClass(port, inner.port)),
  );
}

/** Where another host has the port toward the same peer, another one of its class is drawn. */
export const REDRAWN: Instead = {
  who: MAPPED,
  text: 'where another flow has the port toward the same peer, one of its class (1–511, 600–1023, 1024–65535) is drawn',
  judge: (t, s) => redrawn(t, s, 'first', 'second'),
};

/** A connection of a guest's has a port that the host's kernel chose. */
export function hostsPort(t: Trace, s: Try, step: string): Check[] {
  const p = t.at(step, s.peerSide);
  if (p === undefined) return [];
  return [approves(t, step, s.peerSide, 'a port of the host’s', p, isEphemeral(p.src.port))];
}

/** An outer port is of the class of the inner one, whether or not that could be kept. */
export function portOfClass(t: Trace, s: Try, step: string, inner: number): Check[] {
  const p = t.at(step, s.peerSide);
  if (p === undefined) return [];
  const ok = isOfClass(p.src.port, inner);
  return [approves(t, step, s.peerSide, 'a port of the same class', p, ok)];
}

/**
 * The router, or QEMU's host, takes a packet for its own, and has no such port: it says so, by an ICMP error or a reset, unless
 * INPUT drops what was not asked for.
 */
export function refused(t: Trace, s: Try, step: string, machine: Machine): Check[] {
  const sent = t.of(step)?.sent[0];
  if (sent === undefined) return [];
  const p = new Seen(sent);
  const isDropped = machine === 'outside' && s.rules.dropInput && s.subject !== 'user';
  const line =
    p.proto === 'tcp'
      ? `${endText(p.dst, 'tcp')} > ${endText(p.src, 'tcp')}: Flags [R${(p.flags & 0x10) === 0 ? '.' : ''}]`
      : `${p.ends}:`;
  return [wants(t, step, machine, 'a refusal by the router', line, isDropped ? 0 : 1)];
}

/** Nothing at all arrives at a machine because of a step. */
export function nothing(t: Trace, step: string, machine: Machine): Check[] {
  if (t.of(step) === undefined) return [];
  return [wants(t, step, machine, 'nothing at all', '', 0)];
}

/** A silence around the end of a life: shortly before it in half of the tries, else after it. */
export interface Silence {
  readonly seconds: number;
  readonly isOver: boolean;
}

/** @param last the longest silence @param n half of chance's number, if the other half is spoken for */
export function silence(life: number, last: number, n: number, slack = 3): Silence {
  if (n % 2 === 0) return { seconds: life - slack, isOver: false };
  const first = life + slack;
  return { seconds: first + (Math.floor(n / 2) % (last - first)), isOver: true };
}
