import { bitNames, type Dissector, type IpContext, internetSum, shouldBe } from './dissector.ts';
import { pseudoSum } from './ip-header.ts';

const TYPES: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded in-transit',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  137: 'redirect',
  138: 'router renumbering',
  143: 'multicast listener report v2',
};
const UNREACH: readonly string[] = [
  'unreachable route',
  'unreachable prohibited',
  'beyond scope',
  'unreachable address',
  'unreachable port',
];
const OPTIONS: Readonly<Record<number, string>> = {
  1: 'source link-address',
  2: 'destination link-address',
  3: 'prefix info',
  4: 'redirected header',
  5: 'mtu',
  7: 'advertisement interval',
  24: 'route info',
  25: 'rdnss',
  31: 'dnssl',
};
const RA_FLAGS = [
  [0x80, 'managed'],
  [0x40, 'other stateful'],
  [0x20, 'home agent'],
] as const;
const NA_FLAGS = [
  [0x8000_0000, 'router'],
  [0x4000_0000, 'solicited'],
  [0x2000_0000, 'override'],
] as const;
const PREFIX_FLAGS = [
  [0x80, 'onlink'],
  [0x40, 'auto'],
  [0x20, 'router'],
] as const;
const RECORDS: readonly string[] = ['', 'is_in', 'is_ex', 'to_in', 'to_ex', 'allow', 'block'];
const PREFERENCES: readonly string[] = ['medium', 'high', 'unknown', 'low'];

function lifetime(v: number): string {
  return v === 0xffff_ffff ? 'infinity' : `${v}s`;
}

/** Prints an ICMPv6 message. print-icmp6.c */
export function icmp6Print(d: Dissector, off: number, length: number, ip: IpContext): void {
  d.protocol = 'icmp6';
  if (length === 0) {
    d.print('ICMP6, length 0 (invalid)');
    return;
  }
  if (d.o.verbose > 0 && !ip.fragmented && d.has(off, length)) {
    const sum = internetSum(d.buf, off, length, pseudoSum(d, ip, 58, length));
    const field = d.u16(off + 2);
    const hex = (v: number) => `0x${v.toString(16).padStart(4, '0')}`;
    d.print(
      sum === 0
        ? '[icmp6 sum ok] '
        : `[bad icmp6 cksum ${hex(field)} -> ${hex(shouldBe(field, sum))}!] `,
    );
  }
  const type = d.u8(off);
  const discovery = type >= 133 && type <= 137;
  d.print(`ICMP6, ${TYPES[type] ?? `unknown icmp6 type (${type})`}`);
  if (d.o.verbose > 0 && discovery) d.print(`, length ${length}`);
  body(d, off, length, type, d.u8(off + 1));
  if (d.o.verbose === 0 || !discovery)
    d.print(TYPES[type] === undefined ? '' : `, length ${length}`);
  if (TYPES[type] === undefined) d.print(`, length ${length}`);
}

function body(d: Dissector, off: number, length: number, type: number, code: number): void {
  const verbose = d.o.verbose > 0;
  switch (type) {
    case 1:
      unreachable(d, off, code);
      return;
    case 2:
      d.print(`, mtu ${d.u32(off + 4)}`);
      return;
    case 3:
      if (code === 0) {
        d.print(` for ${d.ip6(off + 32)}`);
        return;
      }
      d.print(code === 1 ? ' (reassembly)' : `, unknown code (${code})`);
      return;
    case 4: {
      const words = ['erroneous', 'next header', 'option'];
      d.print(code < 3 ? `, ${words[code]} - octet ${d.u32(off + 4)}` : `, code-#${code}`);
      return;
    }
    case 128:
    case 129:
      d.print(`, id ${d.u16(off + 4)}, seq ${d.u16(off + 6)}`);
      return;
    case 130:
      if (length >= 28) d.print(` v2 [gaddr ${d.ip6(off + 8)}]`);
      else d.print(`max resp delay: ${d.u16(off + 4)} addr: ${d.ip6(off + 8)}`);
      return;
    case 131:
    case 132:
      d.print(`max resp delay: ${d.u16(off + 4)} addr: ${d.ip6(off + 8)}`);
      return;
    case 133:
      if (verbose) options(d, off + 8, length - 8);
      return;
    case 134:
      if (verbose) routerAdvertisement(d, off, length);
      return;
    case 135:
      d.print(`, who has ${d.ip6(off + 8)}`);
      if (verbose) options(d, off + 24, length - 24);
      return;
    case 136:
      d.print(`, tgt is ${d.ip6(off + 8)}`);
      if (verbose) {
        d.print(`, Flags [${bitNames32(NA_FLAGS, d.u32(off + 4))}]`);
        options(d, off + 24, length - 24);
      }
      return;
    case 137:
      d.print(`, ${d.ip6(off + 24)} to ${d.ip6(off + 8)}`);
      if (verbose) options(d, off + 40, length - 40);
      return;
    case 143:
      reportV2(d, off);
  }
}

function bitNames32(table: typeof NA_FLAGS, value: number): string {
  const names = table.filter(([bit]) => Math.floor(value / bit) % 2 === 1).map(([, name]) => name);
  return names.length === 0 ? 'none' : names.join(', ');
}

function unreachable(d: Dissector, off: number, code: number): void {
  d.print(`, ${UNREACH[code] ?? `unknown unreach code (${code})`}`);
  const inner = off + 8;
  if (code === 2) d.print(` ${d.ip6(inner + 24)}, source address ${d.ip6(inner + 8)}`);
  else if (code < 4) d.print(` ${d.ip6(inner + 24)}`);
  else if (code === 4) {
    const proto = d.u8(inner + 6);
    const port = d.u16(inner + 42);
    const name = proto === 6 ? 'tcp' : proto === 17 ? 'udp' : undefined;
    d.print(
      `, ${d.ip6(inner + 24)} ${name === undefined ? `protocol ${proto} port ${port} unreachable` : `${name} port ${d.port(port, name)}`}`,
    );
  }
}

function routerAdvertisement(d: Dissector, off: number, length: number): void {
  const flags = d.u8(off + 5);
  d.print(
    `\n\thop limit ${d.u8(off + 4)}, Flags [${bitNames(RA_FLAGS, flags, ', ')}], pref ${PREFERENCES[(flags >> 3) & 3]}, router lifetime ${d.u16(off + 6)}s, reachable time ${d.u32(off + 8)}ms, retrans timer ${d.u32(off + 12)}ms`,
  );
  options(d, off + 16, length - 16);
}

function options(d: Dissector, start: number, length: number): void {
  for (let i = 0; i < length && d.has(start + i, 2); ) {
    const at = start + i;
    const type = d.u8(at);
    const units = d.u8(at + 1);
    if (units === 0) {
      d.print(' [|icmp6]');
      return;
    }
    d.print(
      `\n\t  ${OPTIONS[type] ?? 'unknown'} option (${type}), length ${units * 8} (${units}): `,
    );
    if (type === 1 || type === 2) d.print(d.mac(at + 2, units * 8 - 2));
    else if (type === 3)
      d.print(
        `${d.ip6(at + 16)}/${d.u8(at + 2)}, Flags [${bitNames(PREFIX_FLAGS, d.u8(at + 3), ', ')}], valid time ${lifetime(d.u32(at + 4))}, pref. time ${lifetime(d.u32(at + 8))}`,
      );
    else if (type === 5) d.print(` ${d.u32(at + 4)}`);
    else if (type === 25) {
      d.print(` lifetime ${d.u32(at + 4)}s,`);
      for (let k = 0; k < (units - 1) / 2; k++) d.print(` addr: ${d.ip6(at + 8 + 16 * k)}`);
    } else {
      for (let k = 0; k < units * 8 - 2; k += 16) {
        const row = d.hex(at + 2 + k, Math.min(16, units * 8 - 2 - k)).match(/.{1,4}/g) ?? [];
        d.print(`\n\t  0x${k.toString(16).padStart(4, '0')}:  ${row.join(' ')}`);
      }
    }
    i += units * 8;
  }
}

function reportV2(d: Dissector, off: number): void {
  const groups = d.u16(off + 6);
  d.print(`, ${groups} group record(s)`);
  if (d.o.verbose === 0) return;
  let at = off + 8;
  for (let i = 0; i < groups; i++) {
    const type = d.u8(at);
    const sources = d.u16(at + 2);
    d.print(` [gaddr ${d.ip6(at + 4)} ${RECORDS[type] ?? `v2-report-#${type}`}`);
    const list = Array.from({ length: sources }, (_, k) => ` ${d.ip6(at + 20 + 16 * k)}`);
    if (d.o.verbose > 1) d.print(`, { ${list.join('')} }`.replace('{  ', '{'));
    else d.print(`, ${sources} source(s)`);
    d.print(']');
    at += 20 + 16 * sources + 4 * d.u8(at + 1);
  }
}
