import { type GetoptTable, getopt, type LongOption, type OptionFound } from '../libc-net/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { ARP_FAILED, deleteArp, setArp } from './arp-change.ts';
import { type ArpShow, showArp } from './arp-table.ts';
import { Exit, program } from './exit.ts';
import { familyNamed } from './family.ts';
import { ARP_USAGE, RELEASE, usage, usageError } from './usage.ts';

const LONGS: readonly LongOption[] = [
  { name: 'verbose', arg: 'no', key: 'v' },
  { name: 'version', arg: 'no', key: 'V' },
  { name: 'all', arg: 'no', key: 'a' },
  { name: 'delete', arg: 'no', key: 'd' },
  { name: 'file', arg: 'no', key: 'f' },
  { name: 'numeric', arg: 'no', key: 'n' },
  { name: 'set', arg: 'no', key: 's' },
  { name: 'protocol', arg: 'required', key: 'A' },
  { name: 'hw-type', arg: 'required', key: 'H' },
  { name: 'device', arg: 'required', key: 'i' },
  { name: 'help', arg: 'no', key: 'h' },
  { name: 'use-device', arg: 'no', key: 'D' },
  { name: 'symbolic', arg: 'no', key: 'N' },
];

const FEATURES = `+I18N +SELINUX
AF: (inet) +UNIX +INET +INET6 +IPX +AX25 +NETROM +X25 +ATALK +ECONET +ROSE -BLUETOOTH
HW: (ether) +ETHER +ARC +SLIP +PPP +TUNNEL -TR +AX25 +NETROM +X25 +FR +ROSE +ASH +SIT +FDDI +HIPPI +HDLC/LAPB +EUI64 
`;

/** What its command line may hold. */
export const ARP_OPTIONS: GetoptTable = {
  letters: 'A:H:adfp:nsei:t:vh?DNV',
  longs: LONGS,
  usage: ARP_USAGE,
};

interface ArpOptions extends ArpShow {
  action: 'show' | 'file' | 'delete' | 'set';
  /** The address is that of a device of this name. */
  useDevice: boolean;
}

function checkFamily(name: string): void {
  if (name === 'inet') return;
  if (name === 'inet6') throw new Exit(ARP_FAILED, "arp: inet6: kernel only supports 'inet'.\n");
  familyNamed(name);
}

function take(o: ArpOptions, { opt, arg = '' }: OptionFound): void {
  if (opt === 'a') {
    o.action = 'show';
    o.all = true;
  } else if (opt === 'f') o.action = 'file';
  else if (opt === 'd') o.action = 'delete';
  else if (opt === 's') o.action = 'set';
  else if (opt === 'e') o.table = true;
  else if (opt === 'n') o.numeric = true;
  else if (opt === 'D') o.useDevice = true;
  else if (opt === 'v') o.verbose = true;
  else if (opt === 'i') o.device = arg.slice(0, 15);
  else if (opt === 'A' || opt === 'p') checkFamily(arg);
  else if (opt === 'H' || opt === 't') {
    if (arg !== 'ether') throw new Exit(ARP_FAILED, `arp: ${arg}: unknown hardware type.\n`);
    o.typed = true;
  }
}

/** arp(8). net-tools 2.10 arp.c */
export const arp: Program = program(async (proc) => {
  const { options, operands, error } = getopt(
    proc.argv.slice(1),
    ARP_OPTIONS.letters,
    ARP_OPTIONS.longs,
  );
  if (error !== undefined) throw usageError(ARP_USAGE, `arp: ${error}\n`);
  if (options.some((o) => o.opt === '?')) throw usageError(ARP_USAGE);
  if (options.some((o) => o.opt === 'h')) return usage(proc, ARP_USAGE);
  if (options.some((o) => o.opt === 'V')) {
    await proc.out(`${RELEASE}\n${FEATURES}`);
    return 0;
  }
  const read: ArpOptions = {
    action: 'show',
    all: false,
    table: false,
    numeric: false,
    verbose: false,
    typed: false,
    device: '',
    useDevice: false,
  };
  for (const option of options) take(read, option);
  return act(proc, read, operands);
});

async function act(proc: Process, o: ArpOptions, words: readonly string[]): Promise<number> {
  switch (o.action) {
    case 'delete':
      return deleteArp(proc, o.device, words);
    case 'set':
      return setArp(proc, o.device, o.useDevice, words);
    case 'file':
      return readFile(proc, o, words[0] ?? '/etc/ethers');
    default:
      return showArp(proc, { ...o, table: o.table || !o.all }, words[0]);
  }
}

/** Sets what a file of `HOST HWADDR` or `HWADDR HOST` lines says. `arp_file()` */
async function readFile(proc: Process, o: ArpOptions, path: string): Promise<number> {
  if (!proc.fs.exists(path)) throw new Exit(ARP_FAILED, `arp: cannot open etherfile ${path} !\n`);
  for (const [i, line] of proc.fs.readText(path).split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [first = '', second, ...rest] = line.trim().split(/\s+/);
    const at = `on line ${i + 1} of etherfile ${path} !\n`;
    if (second === undefined) {
      await proc.err(`arp: format error ${at}`);
      continue;
    }
    const words = first.includes(':') ? [second, first, ...rest] : [first, second, ...rest];
    try {
      await setArp(proc, o.device, o.useDevice, words);
    } catch (e) {
      if (!(e instanceof Exit)) throw e;
      await proc.err(`${e.message}arp: cannot set entry ${at}`);
    }
  }
  return 0;
}
