import { type Bits, bitNames, type Dissector, ETHERTYPES, hexNumber } from '../base/index.ts';

const HEADER = 8;
const ETH_P_TEB = 0x6558;

/** A frame within a datagram. RFC 7348; print-vxlan.c */
export function vxlanPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'vxlan';
  d.print('VXLAN');
  if (length < HEADER) {
    d.invalid();
    return;
  }
  const flags = d.u8(off);
  d.print(`, flags [${(flags & 0x08) !== 0 ? 'I' : 'invalid'}] (0x${hexNumber(flags, 2)}), `);
  d.print(`vni ${d.u24(off + 4)}\n`);
  d.need(off + 7, 1);
  d.layers.ether(d, off + HEADER, length - HEADER);
}

const GENEVE_FLAGS: Bits = [
  [0x80, 'O'],
  [0x40, 'C'],
  [0x20, 'R1'],
  [0x10, 'R2'],
  [0x08, 'R3'],
  [0x04, 'R4'],
  [0x02, 'R5'],
  [0x01, 'R6'],
];

/** A frame or a packet within a datagram, with options. RFC 8926; print-geneve.c */
export function genevePrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'geneve';
  d.print('Geneve');
  if (length < HEADER) {
    d.print(` [length ${length} < 8]`);
    d.invalid();
    return;
  }
  if (!d.has(off, HEADER)) {
    d.trunc();
    return;
  }
  const first = d.u8(off);
  if (first >> 6 !== 0) {
    d.print(` ERROR: unknown-version ${first >> 6}`);
    return;
  }
  const proto = d.u16(off + 2);
  d.print(`, Flags [${bitNames(GENEVE_FLAGS, d.u8(off + 1), '')}]`);
  d.print(`, vni 0x${hexNumber(d.u24(off + 4))}`);
  if (d.u8(off + 7) !== 0) d.print(`, rsvd 0x${hexNumber(d.u8(off + 7))}`);
  if (d.o.ether) d.print(`, proto ${ETHERTYPES[proto] ?? 'unknown'} (0x${hexNumber(proto, 4)})`);
  const size = (first & 0x3f) * 4;
  const left = length - HEADER;
  if (left < size) {
    d.print(` truncated-geneve - ${size - left} bytes missing`);
    return;
  }
  if (!d.has(off + HEADER, size)) {
    d.trunc();
    return;
  }
  if (size > 0) {
    d.print(', options [');
    if (d.o.verbose > 0) options(d, off + HEADER, size);
    else d.print(`${size} bytes`);
    d.print(']');
  }
  d.print(d.o.verbose < 1 ? ': ' : '\n\t');
  const at = off + HEADER + size;
  if (d.layers.etherType(d, proto, at, left - size)) return;
  if (proto === ETH_P_TEB) d.layers.ether(d, at, left - size);
  else d.print(`geneve-proto-0x${hexNumber(proto)}`);
}

function className(value: number): string {
  const names = [
    'Linux',
    'Open vSwitch',
    'Open Virtual Networking (OVN)',
    'In-band Network Telemetry (INT)',
    'VMware',
  ];
  if (value <= 0xff) return 'Standard';
  return names[value - 0x100] ?? (value >= 0xfff0 ? 'Experimental' : 'Unknown');
}

function options(d: Dissector, start: number, total: number): void {
  let left = total;
  for (let at = start; left > 0; ) {
    if (at > start) d.print(', ');
    const [klass, type] = [d.u16(at), d.u8(at + 2)];
    const size = 4 + (d.u8(at + 3) & 0x1f) * 4;
    d.print(
      `class ${className(klass)} (0x${hexNumber(klass)}) type 0x${hexNumber(type)}${(type & 0x80) !== 0 ? '(C)' : ''} len ${size}`,
    );
    if (size > left) {
      d.print(' [bad length]');
      return;
    }
    if (d.o.verbose > 1 && size > 4) {
      d.print(' data');
      for (let i = 4; i < size; i += 4) d.print(` ${d.hex(at + i, 4)}`);
    }
    at += size;
    left -= size;
  }
}
