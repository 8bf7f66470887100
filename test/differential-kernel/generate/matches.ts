import type { Dialect } from './dialect.ts';
import type { Dice } from './dice.ts';
import type { World } from './world.ts';

/** Where a rule stands. */
export interface Place {
  readonly table: string;
  /** The built-in chain that leads here, or that a user chain is written for. */
  readonly hook: string;
  readonly user: boolean;
}

export const PORTS: readonly number[] = [53, 80, 123, 443, 8080, 700, 5000, 40_000, 40_001, 65_535];

export const not = (dice: Dice): string => (dice.chance(0.15) ? '! ' : '');
export const port = (dice: Dice): number => dice.pick(PORTS);
const ports = (dice: Dice): string =>
  dice.chance(0.3)
    ? `${dice.pick([0, 53, 80])}:${dice.pick([443, 8080, 65_535])}`
    : `${port(dice)}`;

export function address(dice: Dice, world: World): string {
  if (dice.chance(0.35)) return dice.pick(world.prefixes);
  if (dice.chance(0.1)) return dice.pick(world.odd);
  return dice.pick([...world.hosts, ...world.own]).addr;
}

/** `! 0.0.0.0/0` would be nobody: iptables takes no such rule. */
function end(dice: Dice, world: World, option: string): string {
  const addr = address(dice, world);
  return `${addr.endsWith('/0') ? '' : not(dice)}${option} ${addr}`;
}

/** Devices can be named where a packet has them; in user chains always. */
function devices(dice: Dice, { hook, user }: Place): string {
  const name = dice.pick(['eth0', 'eth1', 'eth2', 'eth+', 'lo']);
  const incoming = user || ['PREROUTING', 'INPUT', 'FORWARD'].includes(hook);
  const outgoing = user || ['POSTROUTING', 'OUTPUT', 'FORWARD'].includes(hook);
  if (incoming && (!outgoing || dice.chance(0.5))) return `${not(dice)}-i ${name}`;
  return `${not(dice)}-o ${name}`;
}

const TCP_FLAGS = ['SYN', 'ACK', 'FIN', 'RST', 'PSH', 'URG'];
const flagList = (dice: Dice): string => {
  const some = TCP_FLAGS.filter(() => dice.chance(0.4));
  return some.length === 0 ? dice.pick(['ALL', 'NONE']) : some.join(',');
};

/** What goes with a protocol. */
export function protocolMatch(
  dice: Dice,
  dialect: Dialect,
): { readonly protocol: string; readonly text: string } {
  const { protocols, icmp } = dialect;
  const protocol = dice.weighted(protocols);
  const words: string[] = [];
  if (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') {
    if (dice.chance(0.4)) words.push(`${not(dice)}--dport ${ports(dice)}`);
    if (dice.chance(0.2)) words.push(`${not(dice)}--sport ${ports(dice)}`);
  }
  if (protocol === 'tcp') {
    if (dice.chance(0.15)) words.push(`${not(dice)}--syn`);
    else if (dice.chance(0.2))
      words.push(`${not(dice)}--tcp-flags ${flagList(dice)} ${flagList(dice)}`);
    if (dice.chance(0.07)) words.push(`${not(dice)}--tcp-option ${dice.pick([2, 3, 4, 8, 30])}`);
  }
  if (protocol === icmp.protocol && dice.chance(0.6))
    words.push(`${not(dice)}--${icmp.option} ${dice.pick(icmp.types)}`);
  if (protocol === 'all') return { protocol, text: '' };
  const module =
    words.length === 0
      ? ''
      : ` -m ${protocol === icmp.protocol ? icmp.module : protocol} ${words.join(' ')}`;
  const inverted = words.length === 0 && dice.chance(0.1);
  return {
    protocol: inverted ? 'all' : protocol,
    text: `${inverted ? '! ' : ''}-p ${protocol}${module}`,
  };
}

const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'SNAT', 'DNAT'];
export const list = (dice: Dice, from: readonly string[]): string => {
  const some = from.filter(() => dice.chance(0.3));
  return some.length === 0 ? dice.pick(from) : some.join(',');
};

export type Maker = (dice: Dice, world: World, place: Place) => string;

const conntrack: Maker = (dice, world) =>
  `-m conntrack ${not(dice)}${dice.weighted<() => string>([
    [8, () => `--ctstate ${list(dice, STATES)}`],
    [
      2,
      () => `--ctstatus ${list(dice, ['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'])}`,
    ],
    [1, () => `--ctproto ${dice.pick(['tcp', 'udp', world.dialect.icmp.protocol])}`],
    [1, () => `--ctorigsrc ${address(dice, world)}`],
    [1, () => `--ctorigdst ${address(dice, world)}`],
    [1, () => `--ctreplsrc ${address(dice, world)}`],
    [1, () => `--ctrepldst ${address(dice, world)}`],
    [1, () => `--ctorigdstport ${port(dice)}`],
    [1, () => `--ctreplsrcport ${ports(dice)}`],
    [1, () => `--ctexpire ${dice.pick(['1:30', '100:200', '31:9999999'])}`],
  ])()}${dice.chance(0.1) ? ` --ctdir ${dice.pick(['ORIGINAL', 'REPLY'])}` : ''}`;

const ADDR_TYPES = [
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'UNSPEC',
  'ANYCAST',
];

const ttl: Maker = (d) =>
  `-m ttl ${d.pick([`${not(d)}--ttl-eq 63`, '--ttl-lt 10', '--ttl-gt 60', '--ttl-eq 1', '--ttl-eq 64'])}`;
const addrtype: Maker = (d) =>
  `-m addrtype ${not(d)}${d.pick(['--src-type', '--dst-type'])} ${list(d, ADDR_TYPES)}`;
const iprange: Maker = (d) =>
  `-m iprange ${not(d)}${d.pick(['--src-range', '--dst-range'])} ${d.pick(['10.0.0.0-10.0.0.2', '192.0.2.1-192.0.2.9', '198.51.100.0-203.0.113.7'])}`;
const connlimit: Maker = (d) =>
  `-m connlimit ${d.pick(['--connlimit-upto', '--connlimit-above'])} ${d.int(0, 3)} --connlimit-mask ${d.pick([0, 24, 32])} ${d.pick(['--connlimit-saddr', '--connlimit-daddr'])}`;
const u32: Maker = (d) =>
  `-m u32 ${not(d)}--u32 "${d.pick(['6&0xFF=1', '2&0xFFFF=0x1000:0x10ff', '0>>22&0x3C@0>>16=53', '4&0x1FFF=0&&0>>22&0x3C@12>>26&0x3C@0=0x61616161', '16=0xc0000202', '0>>22&0x3C@4&0xffff=8:60'])}"`;

/** Those that name IPv4's header, addresses or routes. */
export const OF_IPV4: ReadonlySet<Maker> = new Set([ttl, addrtype, iprange, connlimit, u32]);

/** Matches of any protocol, by weight. */
export const ANY: readonly (readonly [number, Maker])[] = [
  [8, conntrack],
  [2, (d) => `-m state ${not(d)}--state ${list(d, STATES.slice(0, 5))}`],
  [3, (d) => `-m mark ${not(d)}--mark ${d.pick(['0x1', '0x2', '0x1/0x1', '0x10/0xf0', '0x0'])}`],
  [2, (d) => `-m connmark ${not(d)}--mark ${d.pick(['0x1', '0x2/0x2', '0x0', '0x7'])}`],
  [2, (d) => `-m length ${not(d)}--length ${d.pick(['28', '40:60', '0:100', '1000:65535', '84'])}`],
  [2, ttl],
  [
    1,
    (d) => `-m tos ${not(d)}--tos ${d.pick(['0x10', '0x04/0xfc', '0x02/0x03', 'Minimize-Delay'])}`,
  ],
  [1, (d) => `-m dscp ${not(d)}--dscp ${d.pick(['0x00', '0x2e', '0x08'])}`],
  [2, addrtype],
  [1, iprange],
  [1, (d) => `-m pkttype ${not(d)}--pkt-type ${d.pick(['unicast', 'broadcast', 'multicast'])}`],
  [1, (d) => `-m limit --limit 1/hour --limit-burst ${d.int(1, 4)}`],
  [1, (d) => `-m statistic --mode nth ${not(d)}--every ${d.int(2, 4)} --packet ${d.int(0, 1)}`],
  [1, (d) => `-m quota ${not(d)}--quota ${d.pick([0, 50, 100, 300, 2000])}`],
  [
    1,
    (d) =>
      `-m connbytes ${not(d)}--connbytes ${d.pick(['1', '2:3', '60:200', '0:1'])} --connbytes-dir ${d.pick(['original', 'reply', 'both'])} --connbytes-mode ${d.pick(['packets', 'bytes', 'avgpkt'])}`,
  ],
  [1, connlimit],
  [1, u32],
  [
    1,
    (d) =>
      `-m string --algo ${d.pick(['bm', 'kmp'])} ${d.pick(['', '--from 20 ', '--from 28 --to 40 ', '--to 60 '])}${not(d)}--string "${d.pick(['aaa', 'GET', 'a', 'ab'])}"`,
  ],
  [
    1,
    (d) =>
      `-m recent --name ${d.pick(['r', 's'])} ${d.pick(['--set', '--rcheck', '--update', '--remove', '--rcheck --hitcount 2', '--update --seconds 60', '! --rcheck'])} ${d.pick(['--rsource', '--rdest'])}`,
  ],
  [
    1,
    (d) =>
      `-m hashlimit --hashlimit-${d.pick(['upto', 'above'])} 1/hour --hashlimit-burst ${d.int(1, 3)} --hashlimit-mode ${d.pick(['srcip', 'dstip', 'srcip,dstport', 'dstip,dstport', 'srcip,srcport,dstip,dstport'])} --hashlimit-name h${d.below(1e6)}`,
  ],
  [1, (d) => `-m comment --comment "${d.pick(['x', 'two words'])}"`],
  [0.5, (d) => `-m helper ${not(d)}--helper ${d.pick(['ftp', 'tftp'])}`],
];

/** Matches that need a table, a hook or a protocol. */
function special(
  dice: Dice,
  { dialect }: World,
  place: Place,
  protocol: string,
): string | undefined {
  const early = ['PREROUTING', 'INPUT', 'FORWARD'].includes(place.hook) && !place.user;
  const choices: string[] = [];
  if (early) choices.push(`-m mac ${not(dice)}--mac-source 02:00:00:00:00:02`);
  if (['raw', 'mangle'].includes(place.table) && place.hook === 'PREROUTING' && !place.user)
    choices.push(
      `-m rpfilter${dice.pick(['', ' --loose', ' --invert', ' --validmark', ' --accept-local'])}`,
    );
  if (protocol === 'tcp') {
    choices.push(`-m tcpmss ${not(dice)}--mss ${dice.pick(['536:1400', '1460', '0:65535'])}`);
    choices.push(`-m ecn ${not(dice)}${dice.pick(['--ecn-tcp-cwr', '--ecn-tcp-ece'])}`);
  }
  choices.push(`-m ecn ${not(dice)}--ecn-ip-ect ${dice.int(0, 3)}`);
  if (protocol === 'tcp' || protocol === 'udp')
    choices.push(
      `-m multiport ${not(dice)}--${dice.pick(['sports', 'dports', 'ports'])} ${dice.pick(['53,80', '1:1023', '53,400:9000,40000', '80'])}`,
    );
  if (protocol === '50') choices.push('-m esp --espspi 0:1000');
  if (early) choices.push(...dialect.early);
  return choices.length === 0 ? undefined : dice.pick(choices);
}

/** The matches of a rule; the first is of a protocol if `protocol` is not `all`. */
export function matches(
  dice: Dice,
  world: World,
  place: Place,
  first: { readonly protocol: string; readonly text: string },
): string {
  const { dialect } = world;
  const words: string[] = [];
  if (dice.chance(0.25)) words.push(end(dice, world, '-s'));
  if (dice.chance(0.25)) words.push(end(dice, world, '-d'));
  if (dice.chance(0.25)) words.push(devices(dice, place));
  const rare = dialect.rare(dice);
  if (rare !== '') words.push(rare);
  words.push(first.text);
  if (dice.chance(0.4)) words.push(dice.weighted(dialect.any)(dice, world, place));
  if (dice.chance(0.1)) words.push(dice.weighted(dialect.any)(dice, world, place));
  if (dice.chance(0.12)) words.push(special(dice, world, place, first.protocol) ?? '');
  return words.filter((w) => w !== '').join(' ');
}
