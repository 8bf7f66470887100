import { SEC } from '@labwire/core/sim';
import { type GetoptTable, getopt, type LongOption, type OptionFound } from '../libc-net/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { Exit, program, unsupported } from './exit.ts';
import { FAMILY_OPTIONS, familyNamed } from './family.ts';
import { allInterfaces } from './interface.ts';
import { longText, shortText } from './interface-text.ts';
import { showGroups } from './netstat-groups.ts';
import { type NetstatOptions, type Protocol, showSockets } from './netstat-sockets.ts';
import { showStatistics } from './netstat-statistics.ts';
import { showRoutes } from './route-table.ts';
import { showRoutes6 } from './route6-table.ts';
import { NETSTAT_USAGE, RELEASE, usage, usageError } from './usage.ts';

const no = (name: string, key: string): LongOption => ({ name, arg: 'no', key });

const LONGS: readonly LongOption[] = [
  ...FAMILY_OPTIONS,
  no('version', 'V'),
  no('interfaces', 'i'),
  no('help', 'h'),
  no('route', 'r'),
  no('masquerade', 'M'),
  { name: 'protocol', arg: 'required', key: 'A' },
  no('tcp', 't'),
  no('sctp', 'S'),
  no('udp', 'u'),
  no('udplite', 'U'),
  no('raw', 'w'),
  no('unix', 'x'),
  no('listening', 'l'),
  no('all', 'a'),
  no('timers', 'o'),
  no('continuous', 'c'),
  no('extend', 'e'),
  no('programs', 'p'),
  no('verbose', 'v'),
  no('statistics', 's'),
  no('wide', 'W'),
  no('numeric', 'n'),
  no('numeric-hosts', 'numeric-hosts'),
  no('numeric-ports', 'numeric-ports'),
  no('numeric-users', 'numeric-users'),
  no('symbolic', 'N'),
  no('cache', 'C'),
  no('fib', 'F'),
  no('groups', 'g'),
  no('context', 'Z'),
];

const FEATURES = `Fred Baumgarten, Alan Cox, Bernd Eckenfels, Phil Blundell, Tuan Hoang, Brian Micek and others
+NEW_ADDRT +RTF_IRTT +RTF_REJECT +FW_MASQUERADE +I18N +SELINUX
AF: (inet) +UNIX +INET +INET6 +IPX +AX25 +NETROM +X25 +ATALK +ECONET +ROSE -BLUETOOTH
HW:  +ETHER +ARC +SLIP +PPP +TUNNEL -TR +AX25 +NETROM +X25 +FR +ROSE +ASH +SIT +FDDI +HIPPI +HDLC/LAPB +EUI64 
`;

const TABLE_HEADER =
  'Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n';
const IFF_UP = 0x1;

/** What its command line may hold. */
export const NETSTAT_OPTIONS: GetoptTable = {
  letters: 'A:CFMacdeghilnNoprsStuUvVWwx64?Z',
  longs: LONGS,
  usage: NETSTAT_USAGE,
  refused: ['C'],
};

/** What a letter adds to the protocols that are shown; there are no sockets of the others. */
const PROTOCOLS: Readonly<Record<string, Protocol | 'other'>> = {
  t: 'tcp',
  u: 'udp',
  w: 'raw',
  x: 'unix',
  U: 'other',
  S: 'other',
};

/** What the command line asks for. */
class Options implements NetstatOptions {
  readonly protocols: Set<Protocol | 'other'> = new Set();
  readonly families: Set<'inet' | 'inet6'> = new Set();
  readonly tables: Set<string> = new Set();
  all = false;
  listening = false;
  extended = 0;
  programs = false;
  timers = false;
  wide = false;
  numericHosts = false;
  numericPorts = false;
  numericUsers = false;
  continuous = false;
  groups = false;

  take({ opt, arg = '' }: OptionFound): void {
    const protocol = PROTOCOLS[opt];
    if (protocol !== undefined) this.protocols.add(protocol);
    else if (opt === 'A') this.#family(arg);
    else if (opt === '4' || opt === 'inet') this.families.add('inet');
    else if (opt === '6' || opt === 'inet6') this.families.add('inet6');
    else if ('irMs'.includes(opt)) this.tables.add(opt);
    else if (opt === 'e') this.extended++;
    else if (opt === 'Z') throw new Exit(1, 'SELinux is not enabled on this machine.\n');
    else this.#flag(opt);
  }

  #family(name: string): void {
    if (name === 'unix') this.protocols.add('unix');
    else this.families.add(familyNamed(name));
  }

  #flag(opt: string): void {
    if (opt === 'a') this.all = true;
    else if (opt === 'l') this.listening = true;
    else if (opt === 'p') this.programs = true;
    else if (opt === 'o') this.timers = true;
    else if (opt === 'W') this.wide = true;
    else if (opt === 'c') this.continuous = true;
    else if (opt === 'g') this.groups = true;
    else if (opt === 'C') throw unsupported('netstat', '-C', '-r without it');
    if (opt === 'n' || opt === 'numeric-hosts') this.numericHosts = true;
    if (opt === 'n' || opt === 'numeric-ports') this.numericPorts = true;
    if (opt === 'n' || opt === 'numeric-users') this.numericUsers = true;
  }
}

/** netstat(8). net-tools 2.10 netstat.c */
export const netstat: Program = program(async (proc) => {
  const { options, error } = getopt(
    proc.argv.slice(1),
    NETSTAT_OPTIONS.letters,
    NETSTAT_OPTIONS.longs,
  );
  const read = new Options();
  for (const option of options) {
    if (option.opt === 'V') {
      await proc.out(`${RELEASE}\n${FEATURES}`);
      return 0;
    }
    if (option.opt === 'h') return usage(proc, NETSTAT_USAGE);
    if (option.opt === '?') throw usageError(NETSTAT_USAGE);
    read.take(option);
  }
  if (error !== undefined) throw usageError(NETSTAT_USAGE, `netstat: ${error}\n`);
  if (read.tables.size > 1) throw usageError(NETSTAT_USAGE);
  let status = await show(proc, read);
  while (read.continuous && status === 0) {
    await proc.sleep(SEC);
    status = await show(proc, read);
  }
  return status;
});

async function show(proc: Process, o: Options): Promise<number> {
  switch ([...o.tables][0]) {
    case 'M':
      throw new Exit(1, "netstat: no support for `ip_masquerade' on this system.\n");
    case 's':
      if (o.families.has('inet6')) throw unsupported('netstat', '-s -6', '-s without it');
      return showStatistics(proc, o.protocols);
    case 'i':
      return showInterfaces(proc, o);
    case 'r':
      if (o.families.has('inet6')) return showRoutes6(proc, o.numericHosts);
      // one -e changes places with two: alone it shows the metric
      return showRoutes(proc, [2, 1][o.extended] ?? 3, o.numericHosts);
  }
  const unnamed = o.protocols.size === 0;
  if (unnamed && (o.families.size > 0 || !o.groups))
    for (const protocol of ['tcp', 'udp', 'raw'] as const) o.protocols.add(protocol);
  if (unnamed && o.families.size === 0 && !o.groups) o.protocols.add('unix');
  await showSockets(proc, o);
  if (o.groups) await showGroups(proc, o.numericHosts);
  return 0;
}

async function showInterfaces(proc: Process, o: Options): Promise<number> {
  await proc.out(`Kernel Interface table\n${o.extended === 0 ? TABLE_HEADER : ''}`);
  const shown = allInterfaces(proc.netns).filter((i) => o.all || (i.link.flags & IFF_UP) !== 0);
  const text = (i: (typeof shown)[number]) =>
    o.extended === 0 ? shortText(i) : longText(proc.netns, i);
  await proc.out(shown.map(text).join(''));
  return 0;
}
