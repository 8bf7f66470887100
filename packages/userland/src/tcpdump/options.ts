import {
  type GetoptTable,
  type LongOption,
  type OptionFound,
  parseLong,
} from '../libc-net/index.ts';
import { MAX_SNAPLEN } from './savefile/index.ts';
import { TcpdumpError } from './tcpdump-error.ts';
import type { TimeStyle } from './time-text.ts';

/** What `-x`, `-X` and `-A` show below a packet. */
export interface DumpStyle {
  /** Hexadecimal, without and with text beside it, or text alone. */
  readonly kind: 'hex' | 'both' | 'text';
  /** The link header too. */
  readonly withLink: boolean;
}

/** What the command line of tcpdump asks for. */
export interface TcpdumpOptions {
  device: string | undefined;
  count: number;
  countOnly: boolean;
  listDevices: boolean;
  verbose: number;
  ether: boolean;
  numeric: boolean;
  quiet: boolean;
  absoluteSeq: boolean;
  noChecksums: boolean;
  number: boolean;
  time: TimeStyle;
  /** How often -t was given. */
  timeFlags: number;
  /** Times with nine places rather than six. */
  nanoseconds: boolean;
  dump: DumpStyle | undefined;
  read: string | undefined;
  write: string | undefined;
  snaplen: number;
  promiscuous: boolean;
  direction: 'in' | 'out' | undefined;
  /** What datagrams and segments hold, whatever their ports say. */
  packetType: string | undefined;
  /** A file with the filter in it. */
  filterFile: string | undefined;
  /** Prints what is written to a file, too. */
  print: boolean;
  listLinkTypes: boolean;
}

/** What -T may ask for, and what tcpdump knows besides. */
const PACKET_TYPES: readonly string[] = ['domain', 'resp', 'tftp', 'vxlan'];
const UNKNOWN_TYPES: readonly string[] =
  'vat wb rpc rtp rtcp snmp cnfp aodv carp radius zmtp1 pgm pgm_zmtp1 lmp ptp someip'.split(' ');

const LONGS: readonly LongOption[] = [
  { name: 'absolute-tcp-sequence-numbers', arg: 'no', key: 'S' },
  { name: 'buffer-size', arg: 'required', key: 'B' },
  { name: 'count', arg: 'no', key: 'count' },
  { name: 'direction', arg: 'required', key: 'Q' },
  { name: 'dont-verify-checksums', arg: 'no', key: 'K' },
  { name: 'help', arg: 'no', key: 'h' },
  { name: 'immediate-mode', arg: 'no', key: 'U' },
  { name: 'interface', arg: 'required', key: 'i' },
  { name: 'linktype', arg: 'required', key: 'y' },
  { name: 'list-data-link-types', arg: 'no', key: 'L' },
  { name: 'list-interfaces', arg: 'no', key: 'D' },
  { name: 'list-time-stamp-types', arg: 'no', key: 'J' },
  { name: 'micro', arg: 'no', key: 'micro' },
  { name: 'monitor-mode', arg: 'no', key: 'I' },
  { name: 'nano', arg: 'no', key: 'nano' },
  { name: 'no-optimize', arg: 'no', key: 'O' },
  { name: 'no-promiscuous-mode', arg: 'no', key: 'p' },
  { name: 'number', arg: 'no', key: '#' },
  { name: 'packet-buffered', arg: 'no', key: 'U' },
  { name: 'print', arg: 'no', key: 'print' },
  { name: 'relinquish-privileges', arg: 'required', key: 'Z' },
  { name: 'snapshot-length', arg: 'required', key: 's' },
  { name: 'time-stamp-precision', arg: 'required', key: 'precision' },
  { name: 'time-stamp-type', arg: 'required', key: 'j' },
  { name: 'version', arg: 'no', key: 'version' },
];
/** Options of which tcpdump makes something else than this one does. */
const REFUSED: readonly string[] = [...'bCdEfGHIjJmMNuVWYzy'];
/** The options of tcpdump 4.99. */
export const TCPDUMP_OPTIONS: GetoptTable = {
  letters: 'aAbB:c:C:dDeE:fF:G:hHi:Ij:JKlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:Yz:Z:#',
  longs: LONGS,
  refused: REFUSED,
};

function apply(o: TcpdumpOptions, opt: string, arg: string): void {
  switch (opt) {
    case 'c':
      o.count = parseLong(arg) ?? 0;
      if (o.count <= 0) throw new TcpdumpError(`invalid packet count ${arg}`);
      break;
    case 'count':
      o.countOnly = true;
      break;
    case 'D':
      o.listDevices = true;
      break;
    case 'e':
      o.ether = true;
      break;
    case 'i':
      o.device = arg;
      break;
    case 'K':
      o.noChecksums = true;
      break;
    case 'n':
      o.numeric = true;
      break;
    case 'p':
      o.promiscuous = false;
      break;
    case 'q':
      o.quiet = true;
      break;
    case 'Q':
      o.direction = direction(arg);
      break;
    case 'r':
      o.read = arg;
      break;
    case 's': {
      const snaplen = parseLong(arg);
      if (snaplen === undefined || snaplen < 0 || snaplen > MAX_SNAPLEN)
        throw new TcpdumpError(`invalid snaplen ${arg} (must be >= 0 and <= ${MAX_SNAPLEN})`);
      o.snaplen = snaplen === 0 ? MAX_SNAPLEN : snaplen;
      break;
    }
    case 'S':
      o.absoluteSeq = true;
      break;
    case 't':
      o.timeFlags++;
      break;
    case 'v':
      o.verbose++;
      break;
    case 'T':
      o.packetType = packetType(arg);
      break;
    case 'F':
      o.filterFile = arg;
      break;
    case 'L':
      o.listLinkTypes = true;
      break;
    case 'print':
      o.print = true;
      break;
    case 'nano':
    case 'micro':
      o.nanoseconds = opt === 'nano';
      break;
    case 'precision':
      if (arg !== 'micro' && arg !== 'nano')
        throw new TcpdumpError('unsupported time stamp precision');
      o.nanoseconds = arg === 'nano';
      break;
    case 'w':
      o.write = arg;
      break;
    case '#':
      o.number = true;
      break;
    default:
      if (REFUSED.includes(opt)) throw new TcpdumpError(`-${opt}: not supported here`);
  }
}

function direction(arg: string): TcpdumpOptions['direction'] {
  const word = arg.toLowerCase();
  if (word !== 'in' && word !== 'out' && word !== 'inout')
    throw new TcpdumpError(`unknown capture direction \`${arg}'`);
  return word === 'inout' ? undefined : word;
}

function packetType(arg: string): string {
  const word = arg.toLowerCase();
  if (!PACKET_TYPES.includes(word) && !UNKNOWN_TYPES.includes(word))
    throw new TcpdumpError(`unknown packet type \`${arg}'`);
  if (UNKNOWN_TYPES.includes(word))
    throw new TcpdumpError(`-T ${arg}: not supported here; ${PACKET_TYPES.join(', ')} are`);
  return word;
}

/** -X goes before -x, and that before -A; twice the same shows the link header too. */
function dumpStyle(found: readonly OptionFound[]): DumpStyle | undefined {
  for (const [opt, kind] of [
    ['X', 'both'],
    ['x', 'hex'],
    ['A', 'text'],
  ] as const) {
    const times = found.filter((f) => f.opt === opt).length;
    if (times > 0) return { kind, withLink: times > 1 };
  }
  return undefined;
}

/** Puts the options together. @throws TcpdumpError */
export function readTcpdumpOptions(found: readonly OptionFound[]): TcpdumpOptions {
  const o: TcpdumpOptions = {
    device: undefined,
    count: 0,
    countOnly: false,
    listDevices: false,
    verbose: 0,
    ether: false,
    numeric: false,
    quiet: false,
    absoluteSeq: false,
    noChecksums: false,
    number: false,
    time: 0,
    timeFlags: 0,
    nanoseconds: false,
    dump: undefined,
    read: undefined,
    write: undefined,
    snaplen: MAX_SNAPLEN,
    promiscuous: true,
    direction: undefined,
    packetType: undefined,
    filterFile: undefined,
    print: false,
    listLinkTypes: false,
  };
  o.dump = dumpStyle(found);
  for (const { opt, arg = '' } of found) apply(o, opt, arg);
  if (o.timeFlags > 5) throw new TcpdumpError('only -t, -tt, -ttt, -tttt and -ttttt are supported');
  o.time = o.timeFlags as TimeStyle;
  return o;
}
