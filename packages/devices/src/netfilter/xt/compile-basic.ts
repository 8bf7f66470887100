import type { Ipv6Addr } from '@labwire/core/addr';
import type { IfaceMatch, Masked } from './match.ts';
import type { XtRule } from './rule.ts';

/** What {@link basicTests} asks of a packet: variables of these names with a `$` before them. */
export const BASIC_FIELDS: readonly (keyof BasicPacket)[] = [
  'proto',
  'saddr',
  'daddr',
  'saddr6',
  'daddr6',
  'iif',
  'oif',
  'fragOff',
];

/** A JavaScript expression that holds where an interface name matches. */
function ifaceTest(of: 'iif' | 'oif', m: IfaceMatch): string {
  const name = JSON.stringify(m.name);
  if (m.wildcard && m.name === '') return m.invert ? 'false' : 'true';
  const test = m.wildcard ? `$${of}.startsWith(${name})` : `$${of} === ${name}`;
  return m.invert ? `!(${test})` : test;
}

function wordTest(value: string, addr: number, mask: number): string {
  if (mask === 0) return 'true';
  return mask === -1 ? `${value} === ${addr | 0}` : `(${value} & ${mask}) === ${addr & mask}`;
}

function addrTest(of: 'saddr' | 'daddr', m: Masked & { readonly invert: boolean }): string {
  let test: string;
  if (typeof m.addr === 'number') test = wordTest(`$${of}`, m.addr, m.mask as number);
  else {
    const mask = m.mask as Ipv6Addr;
    const { w0, w1, w2, w3 } = m.addr;
    const a = `$${of}6`;
    test = [
      wordTest(`${a}.w0`, w0, mask.w0),
      wordTest(`${a}.w1`, w1, mask.w1),
      wordTest(`${a}.w2`, w2, mask.w2),
      wordTest(`${a}.w3`, w3, mask.w3),
    ]
      .filter((t) => t !== 'true')
      .join(' && ');
    if (test === '') test = 'true';
  }
  return m.invert ? `!(${test})` : test;
}

/** The expressions of a rule's own part: addresses, interfaces, protocol, fragment. `ip_packet_match()` */
export function basicTests(r: XtRule): string[] {
  const tests: string[] = [];
  if (r.proto !== undefined && r.proto.number !== 0) {
    tests.push(`$proto ${r.proto.invert ? '!==' : '==='} ${r.proto.number}`);
  }
  if (r.src !== undefined) tests.push(addrTest('saddr', r.src));
  if (r.dst !== undefined) tests.push(addrTest('daddr', r.dst));
  if (r.iif !== undefined) tests.push(ifaceTest('iif', r.iif));
  if (r.oif !== undefined) tests.push(ifaceTest('oif', r.oif));
  if (r.fragment !== undefined) tests.push(`$fragOff ${r.fragment.invert ? '===' : '!=='} 0`);
  return tests.filter((t) => t !== 'true');
}

/** The same question answered without generated code, for where that is forbidden. */
export function basicHolds(r: XtRule, p: BasicPacket): boolean {
  if (
    r.proto !== undefined &&
    r.proto.number !== 0 &&
    (p.proto === r.proto.number) === r.proto.invert
  )
    return false;
  if (r.src !== undefined && addrIn(p.saddr, p.saddr6, r.src) === r.src.invert) return false;
  if (r.dst !== undefined && addrIn(p.daddr, p.daddr6, r.dst) === r.dst.invert) return false;
  if (r.iif !== undefined && ifaceIs(p.iif, r.iif) === r.iif.invert) return false;
  if (r.oif !== undefined && ifaceIs(p.oif, r.oif) === r.oif.invert) return false;
  return r.fragment === undefined || (p.fragOff !== 0) !== r.fragment.invert;
}

/** What {@link basicHolds} reads of a packet. */
export interface BasicPacket {
  readonly proto: number;
  readonly saddr: number;
  readonly daddr: number;
  readonly saddr6: Ipv6Addr | null;
  readonly daddr6: Ipv6Addr | null;
  readonly iif: string;
  readonly oif: string;
  readonly fragOff: number;
}

function ifaceIs(name: string, m: IfaceMatch): boolean {
  return m.wildcard ? name.startsWith(m.name) : name === m.name;
}

function addrIn(addr4: number, addr6: Ipv6Addr | null, m: Masked): boolean {
  if (addr6 === null) return ((addr4 ^ (m.addr as number)) & (m.mask as number)) === 0;
  const want = m.addr as Ipv6Addr;
  const mask = m.mask as Ipv6Addr;
  return (
    ((addr6.w0 ^ want.w0) & mask.w0) === 0 &&
    ((addr6.w1 ^ want.w1) & mask.w1) === 0 &&
    ((addr6.w2 ^ want.w2) & mask.w2) === 0 &&
    ((addr6.w3 ^ want.w3) & mask.w3) === 0
  );
}
