import { type LongOption, type OptionFound, parseLong } from '../libc-net/index.ts';
import type { DumpStyle } from './hex-dump.ts';
import { MAX_SNAPLEN } from './pcap-file.ts';
import type { TimeStyle } from './time-text.ts';

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
  dump: DumpStyle | undefined;
  read: string | undefined;
  write: string | undefined;
  snaplen: number;
  direction: 'in' | 'out' | undefined;
}

/** tcpdump prints this after its name and exits with 1. */
export class TcpdumpError extends Error {}

/** The options that take effect. */
export const TCPDUMP_OPTSTRING = 'AB:c:DeF:hi:KlLnNOpqQ:r:s:StT:UvVw:xXy:Z:#';
export const TCPDUMP_LONGS: readonly LongOption[] = [
  { name: 'count', arg: 'no', key: 'count' },
  { name: 'direction', arg: 'required', key: 'Q' },
  { name: 'help', arg: 'no', key: 'h' },
  { name: 'interface', arg: 'required', key: 'i' },
  { name: 'list-interfaces', arg: 'no', key: 'D' },
  { name: 'no-promiscuous-mode', arg: 'no', key: 'p' },
  { name: 'number', arg: 'no', key: '#' },
  { name: 'packet-buffered', arg: 'no', key: 'U' },
  { name: 'snapshot-length', arg: 'required', key: 's' },
  { name: 'version', arg: 'no', key: 'version' },
  { name: 'immediate-mode', arg: 'no', key: 'U' },
  { name: 'nano', arg: 'no', key: 'nano' },
];
const REFUSED: readonly string[] = ['F', 'L', 'V', 'y', 'T'];

function apply(o: TcpdumpOptions, opt: string, arg: string): void {
  switch (opt) {
    case 'A':
    case 'x':
    case 'X':
      o.dump = dumpStyle(o.dump, opt);
      break;
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
    case 'q':
      o.quiet = true;
      break;
    case 'Q':
      if (arg !== 'in' && arg !== 'out' && arg !== 'inout')
        throw new TcpdumpError(`unknown capture direction '${arg}'`);
      o.direction = arg === 'inout' ? undefined : arg;
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
      if (o.time < 5) o.time = (o.time + 1) as TimeStyle;
      break;
    case 'v':
      o.verbose++;
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

function dumpStyle(before: DumpStyle | undefined, opt: string): DumpStyle {
  const kind = opt === 'A' ? 'text' : opt === 'X' ? 'both' : 'hex';
  return { kind, withLink: before?.kind === kind };
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
    dump: undefined,
    read: undefined,
    write: undefined,
    snaplen: MAX_SNAPLEN,
    direction: undefined,
  };
  for (const { opt, arg = '' } of found) apply(o, opt, arg);
  return o;
}
