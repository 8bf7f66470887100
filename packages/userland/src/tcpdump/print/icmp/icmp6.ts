import {
  type Dissector,
  hexNumber,
  type IpContext,
  internetSum,
  type Names,
  shouldBe,
} from '../base/index.ts';
import { pseudoSum } from '../ip/index.ts';
import { mldPrint, mldQueryPrint, mldReportPrint } from './mld.ts';
import { neighbourPrint } from './nd.ts';
import { nodeInfoPrint } from './node-info.ts';
import type { Outcome } from './outcome.ts';
import { renumberingPrint } from './renumbering.ts';
import { rplPrint } from './rpl.ts';
import { unreachablePrint } from './unreachable6.ts';

const TYPES: Names = {
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
  139: 'who-are-you request',
  140: 'who-are-you reply',
  141: 'inverse neighbor solicitation',
  142: 'inverse neighbor advertisement',
  143: 'multicast listener report v2',
  144: 'ha discovery request',
  145: 'ha discovery reply',
  146: 'mobile router solicitation',
  147: 'mobile router advertisement',
  155: 'RPL',
  200: 'mtrace response',
  201: 'mtrace message',
};
/** Types whose length stands before their details. */
const LENGTH_FIRST: readonly number[] = [133, 134, 135, 136, 137, 145, 147];
const PROBLEMS: readonly string[] = [
  'erroneous',
  'next header',
  'option',
  'incomplete header chain',
];

/** Prints an ICMPv6 message. print-icmp6.c */
export function icmp6Print(d: Dissector, off: number, length: number, ip: IpContext): void {
  d.protocol = 'icmp6';
  if (length === 0) {
    d.print('ICMP6, length 0');
    d.invalid();
    return;
  }
  if (d.o.verbose > 0 && !ip.fragmented && d.has(off, length)) {
    const field = d.u16(off + 2);
    const sum = internetSum(d.buf, off, length, pseudoSum(d, ip, 58, length));
    d.print(
      sum === 0
        ? '[icmp6 sum ok] '
        : `[bad icmp6 cksum 0x${hexNumber(field, 4)} -> 0x${hexNumber(shouldBe(field, sum), 4)}!] `,
    );
  }
  const type = d.u8(off);
  d.print(`ICMP6, ${TYPES[type] ?? `unknown icmp6 type (${type})`}`);
  if (d.o.verbose > 0 && LENGTH_FIRST.includes(type)) d.print(`, length ${length}`);
  const outcome = body(d, off, length, type, d.u8(off + 1));
  if (outcome === 'cut') d.trunc();
  else if (outcome === 'whole' && d.o.verbose === 0) d.print(`, length ${length}`);
}

function body(d: Dissector, off: number, length: number, type: number, code: number): Outcome {
  switch (type) {
    case 1:
      return unreachablePrint(d, off, length, code);
    case 2:
      d.print(`, mtu ${d.u32(off + 4)}`);
      return 'whole';
    case 3:
      if (code === 0) d.print(` for ${d.ip6(off + 32)}`);
      else d.print(code === 1 ? ' (reassembly)' : `, unknown code (${code})`);
      return 'whole';
    case 4:
      return problem(d, off, code);
    case 128:
    case 129:
      d.print(`, id ${d.u16(off + 4)}, seq ${d.u16(off + 6)}`);
      return 'whole';
    case 130:
      if (length === 24) mldPrint(d, off);
      else if (length >= 28) mldQueryPrint(d, off, length);
      else d.print(` unknown-version (len ${length}) `);
      return 'whole';
    case 131:
    case 132:
      mldPrint(d, off);
      return 'whole';
    case 133:
    case 134:
    case 135:
    case 136:
    case 137:
    case 145:
    case 147:
      return neighbourPrint(d, off, length, type);
    case 138:
      renumberingPrint(d, off);
      return 'whole';
    case 139:
    case 140:
      nodeInfoPrint(d, off, length);
      return 'whole';
    case 141:
    case 142:
      return 'whole';
    case 143:
      mldReportPrint(d, off, length);
      return 'whole';
    case 144:
    case 146:
      d.print(`, id 0x${d.hex(off + 4, 2)}`);
      return 'whole';
    case 155:
      rplPrint(d, code, off + 4, length - 4);
      return 'whole';
    default:
      d.print(`, length ${length}`);
      if (d.o.verbose <= 1) d.unknown(off, '\n\t', length);
      return 'done';
  }
}

function problem(d: Dissector, off: number, code: number): Outcome {
  if (!d.has(off + 32, 16)) return 'cut';
  d.print(
    PROBLEMS[code] === undefined
      ? `, code-#${code}`
      : `, ${PROBLEMS[code]} - octet ${d.u32(off + 4)}`,
  );
  return 'whole';
}
