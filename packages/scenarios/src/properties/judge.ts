/** What laws ask again and again. */
import { formatIpv4 } from '@labwire/core/addr';
import type { FlowWish } from './arbitraries.ts';
import { type Check, lineOf, lineWith, wants } from './checks.ts';
import type { Try } from './law.ts';
import { type End, type Packet, type Proto, packetBytes, Seen } from './packet.ts';
import type { Machine } from './topology.ts';
import type { Trace } from './trace.ts';

/** The line of a packet that could be sent. */
export function lineFor(packet: Packet): string {
  return lineOf(new Seen(packetBytes(packet)));
}

/** An end as tcpdump prints it. */
export function endText(e: End, proto: Proto): string {
  return proto === 'icmp' ? formatIpv4(e.addr) : `${formatIpv4(e.addr)}.${e.port}`;
}

/** A packet that arrived, judged by more than its line: it is wanted if it is as it should be, and else not. */
export function approves(
  t: Trace,
  step: string,
  machine: Machine,
  what: string,
  p: Seen,
  ok: boolean,
): Check {
  return { ...wants(t, step, machine, what, lineOf(p), ok ? 1 : 0), packet: p };
}

/** The same inner end has the same outer end toward another peer. */
export function sameOuterEnd(t: Trace, s: Try, first: string, second: string): Check[] {
  const [one, two] = [t.at(first, s.peerSide), t.at(second, s.peerSide)];
  if (one === undefined || two === undefined) return [];
  const line = lineWith(two, { src: one.src });
  return [wants(t, second, s.peerSide, 'the same outer end toward another peer', line)];
}

/** The peer's packet of a step reaches the inner end of a flow, or must not. Nothing if there was none to send. */
export function letIn(
  t: Trace,
  s: Try,
  wish: FlowWish,
  step: string,
  what: string,
  wanted = 1,
): Check[] {
  const sent = t.of(step)?.sent[0];
  if (sent === undefined) return [];
  const p = new Seen(sent);
  const { inner, peer } = s.place(wish, p.proto);
  const src = s.subject === 'redirect' ? peer : p.src;
  return [wants(t, step, 'inside', what, lineWith(p, { src, dst: inner }), wanted)];
}

/** The packet of a step reaches the peer of a flow. */
export function letOut(t: Trace, s: Try, wish: FlowWish, step: string, what: string): Check[] {
  if (t.of(step)?.sent[0] === undefined) return [];
  const arrived = t.at(step, s.peerSide);
  if (arrived !== undefined) return [wants(t, step, s.peerSide, what, lineOf(arrived))];
  const { peer } = s.place(wish);
  return [wants(t, step, s.peerSide, what, ` > ${endText(peer, s.proto)}: `)];
}

/** The line of the packet of a flow that an ICMP error quotes, as the host inside knows it. */
export function quotedInside(s: Try, wish: FlowWish, proto: Proto = s.proto): string {
  const { inner, peer } = s.place(wish, proto);
  const ends = `${endText(inner, proto)} > ${endText(peer, proto)}:`;
  if (proto !== 'icmp') return ends;
  return `${ends} ICMP echo ${s.subject === 'dnat' ? 'reply' : 'request'}, id ${inner.port},`;
}

/** The ICMP error of a step reaches the host inside, and quotes what that host has sent; or must not. */
export function errorIn(
  t: Trace,
  s: Try,
  wish: FlowWish,
  step: string,
  what: string,
  wanted = 1,
): Check[] {
  if (t.of(step)?.sent[0] === undefined) return [];
  return [wants(t, step, 'inside', what, quotedInside(s, wish), wanted)];
}
