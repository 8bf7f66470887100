import { bitNames, type Dissector, internetSum, shouldBe } from './dissector.ts';
import { IP_PROTOCOLS } from './protocols.ts';

const FLAGS = [
  [0x2000, '+'],
  [0x4000, 'DF'],
  [0x8000, 'rsvd'],
] as const;
const ECN: readonly string[] = ['', ',ECT(1)', ',ECT(0)', ',CE'];
const OPTIONS: Readonly<Record<number, string>> = {
  0: 'EOL',
  1: 'NOP',
  7: 'RR',
  68: 'timestamp',
  130: 'security',
  131: 'LSRR',
  137: 'SSRR',
  148: 'RA',
};

/** Prints an IPv4 packet. print-ip.c, ip_print() */
export function ip4Print(d: Dissector, off: number, length: number): void {
  d.protocol = 'ip';
  const version = d.u8(off) >> 4;
  if (version !== 4) {
    d.print(`${version === 6 ? 'IP6, wrong link-layer encapsulation' : `IP${version}`} (invalid)`);
    return;
  }
  if (!d.o.ether) d.print('IP ');
  d.need(off, 20);
  const hlen = (d.u8(off) & 15) * 4;
  if (length < 20) {
    d.print(`truncated-ip ${length}`);
    return;
  }
  if (hlen < 20) {
    d.print(`bad-hlen ${hlen}`);
    return;
  }
  let len = d.u16(off + 2);
  if (length < len) d.print(`truncated-ip - ${len - length} bytes missing! `);
  if (len < hlen) {
    if (len !== 0) {
      d.print(`bad-len ${len}`);
      return;
    }
    len = length;
  }
  const was = d.limit(off + len);
  const fragment = d.u16(off + 6);
  const proto = d.u8(off + 9);
  if (d.o.verbose > 0) details(d, off, hlen, fragment, proto);
  const ports = proto === 6 || proto === 17 || proto === 132 || proto === 33;
  if ((fragment & 0x1fff) === 0) {
    if (!ports) d.print(`${d.ip4(off + 12)} > ${d.ip4(off + 16)}: `);
    d.layers.transport(d, proto, off + hlen, len - hlen, {
      version: 4,
      off,
      fragmented: (fragment & 0x2000) !== 0,
    });
  } else {
    const name = d.o.numeric ? undefined : IP_PROTOCOLS[proto]?.toLowerCase();
    d.print(`${d.ip4(off + 12)} > ${d.ip4(off + 16)}: ${name ?? `ip-proto-${proto}`}`);
  }
  d.end = was;
}

function details(d: Dissector, off: number, hlen: number, fragment: number, proto: number): void {
  const tos = d.u8(off + 1);
  const ttl = d.u8(off + 8);
  d.print(`(tos 0x${tos.toString(16)}${ECN[tos & 3]}${ttl >= 1 ? `, ttl ${ttl}` : ''}`);
  const flags = bitNames(FLAGS, fragment & 0xe000, ', ');
  d.print(`, id ${d.u16(off + 4)}, offset ${(fragment & 0x1fff) * 8}, flags [${flags}]`);
  d.print(`, proto ${IP_PROTOCOLS[proto] ?? 'unknown'} (${proto}), length ${d.u16(off + 2)}`);
  if (hlen > 20) d.print(`, options (${optionNames(d, off + 20, hlen - 20)})`);
  if (!d.o.noChecksums && d.has(off, hlen)) {
    const sum = internetSum(d.buf, off, hlen);
    const field = d.u16(off + 10);
    if (sum !== 0)
      d.print(`, bad cksum ${field.toString(16)} (->${shouldBe(field, sum).toString(16)})!`);
  }
  d.print(')\n    ');
}

function optionNames(d: Dissector, off: number, length: number): string {
  const names: string[] = [];
  for (let i = 0; i < length; ) {
    const type = d.u8(off + i);
    names.push(OPTIONS[type] ?? `unknown ${type}`);
    if (type === 0) break;
    const size = type === 1 ? 1 : d.u8(off + i + 1);
    if (size < 1 || (type !== 1 && size < 2)) return `${names.join(',')} [bad length ${size}]`;
    i += size;
  }
  return names.join(',');
}
