import {
  type Bits,
  bitNames,
  type Dissector,
  hexNumber,
  IP_PROTOCOLS,
  internetSum,
  shouldBe,
} from '../base/index.ts';
import { ip4Options } from './ip4-options.ts';

const FLAGS: Bits = [
  [0x2000, '+'],
  [0x4000, 'DF'],
  [0x8000, 'rsvd'],
];
const ECN: readonly string[] = ['', ',ECT(1)', ',ECT(0)', ',CE'];
const MIN_HEADER = 20;
/** Protocols whose printers show the addresses together with their ports. */
export const WITH_PORTS: readonly number[] = [6, 17, 33, 132];

/** Prints an IPv4 packet. print-ip.c, ip_print() */
export function ip4Print(d: Dissector, off: number, length: number): void {
  d.protocol = 'ip';
  const version = d.u8(off) >> 4;
  if (version !== 4) {
    d.print(version === 6 ? 'IP6, wrong link-layer encapsulation' : `IP${version}`);
    d.invalid();
    return;
  }
  if (!d.o.ether) d.print('IP ');
  if (!d.has(off, MIN_HEADER)) {
    d.trunc();
    return;
  }
  const hlen = (d.u8(off) & 15) * 4;
  if (length < MIN_HEADER) {
    d.print(`truncated-ip ${length}`);
    return;
  }
  if (hlen < MIN_HEADER) {
    d.print(`bad-hlen ${hlen}`);
    return;
  }
  const len = d.u16(off + 2);
  if (length < len) d.print(`truncated-ip - ${len - length} bytes missing! `);
  if (len < hlen) {
    d.print(`bad-len ${len}`);
    return;
  }
  const was = d.limit(off + len);
  if (d.o.verbose === 0 || details(d, off, hlen)) carried(d, off, hlen, len - hlen);
  d.end = was;
}

function carried(d: Dissector, off: number, hlen: number, length: number): void {
  const fragment = d.u16(off + 6);
  const proto = d.u8(off + 9);
  const addresses = `${d.ip4(off + 12)} > ${d.ip4(off + 16)}:`;
  if ((fragment & 0x1fff) !== 0) {
    const name = d.o.numeric ? undefined : d.o.protocolName(proto);
    d.print(`${addresses} ${name ?? `ip-proto-${proto}`}`);
    return;
  }
  if (!WITH_PORTS.includes(proto)) d.print(`${addresses} `);
  if (!d.has(off, hlen)) {
    d.print(` [remaining caplen(${d.left(off)}) < header length(${hlen})]`);
    d.need(off, hlen);
  }
  d.layers.transport(d, proto, off + hlen, length, {
    version: 4,
    off,
    fragmented: (fragment & 0x2000) !== 0,
    ttl: d.u8(off + 8),
  });
}

/** What -v shows of the header. @returns whether all of it was captured */
function details(d: Dissector, off: number, hlen: number): boolean {
  const [tos, ttl, proto] = [d.u8(off + 1), d.u8(off + 8), d.u8(off + 9)];
  const fragment = d.u16(off + 6);
  d.print(`(tos 0x${hexNumber(tos)}${ECN[tos & 3]}${ttl >= 1 ? `, ttl ${ttl}` : ''}`);
  d.print(
    `, id ${d.u16(off + 4)}, offset ${(fragment & 0x1fff) * 8}, flags [${bitNames(FLAGS, fragment)}]`,
  );
  d.print(`, proto ${IP_PROTOCOLS[proto] ?? 'unknown'} (${proto}), length ${d.u16(off + 2)}`);
  let whole = true;
  if (hlen > MIN_HEADER) {
    d.print(', options (');
    whole = ip4Options(d, off + MIN_HEADER, hlen - MIN_HEADER);
    d.print(`${whole ? '' : ' [truncated-option]'})`);
  }
  if (!d.o.noChecksums && d.has(off, hlen)) {
    const sum = internetSum(d.buf, off, hlen);
    const field = d.u16(off + 10);
    if (sum !== 0)
      d.print(`, bad cksum ${hexNumber(field)} (->${hexNumber(shouldBe(field, sum))})!`);
  }
  d.print(')\n    ');
  if (whole) return true;
  d.print(`${d.ip4(off + 12)} > ${d.ip4(off + 16)}: `);
  d.trunc();
  return false;
}
