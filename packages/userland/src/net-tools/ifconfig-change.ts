import { IPV4_ANY, type Ipv4Addr, ipv4Mask, parseIpv6 } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { addrAdd, addrDel } from '@labwire/devices/rtnetlink';
import { atoi } from '../libc-net/index.ts';
import { type ManualRow, type Process, rowsOf } from '../machine/index.ts';
import {
  changeFlags,
  changeLink,
  getFlags,
  setAddress,
  setBroadcast,
  setDestination,
  setNetmask,
} from './device-ioctl.ts';
import { Exit, unsupported } from './exit.ts';
import { parseHardware } from './hardware.ts';
import { resolveInet, splitPrefix } from './inet.ts';
import { addrByLabel, allInterfaces, linkByName } from './interface.ts';
import { IFCONFIG_USAGE, usageError } from './usage.ts';

const IFF_UP = 0x1;
const IFF_BROADCAST = 0x2;
const IFF_POINTOPOINT = 0x10;
const IFF_RUNNING = 0x40;
/** What a change that the kernel refuses adds to the exit status: -1 for flags. */
const FLAGS_FAILED = 255;

/** Words that set or clear flags, and what the warning calls a mode that stays. */
const FLAG_WORDS: ReadonlyMap<string, { set?: number; clear?: number; mode?: string }> = new Map([
  ['arp', { clear: 0x80 }],
  ['-arp', { set: 0x80 }],
  ['trailers', { clear: 0x20 }],
  ['-trailers', { set: 0x20 }],
  ['promisc', { set: 0x100 }],
  ['-promisc', { clear: 0x100, mode: 'promisc mode... maybe other application is running?' }],
  ['multicast', { set: 0x1000 }],
  ['-multicast', { clear: 0x1000, mode: 'MULTICAST mode.' }],
  ['allmulti', { set: 0x200 }],
  ['-allmulti', { clear: 0x200, mode: 'ALLMULTI mode.' }],
  ['up', { set: IFF_UP | IFF_RUNNING }],
  ['down', { clear: IFF_UP }],
  ['dynamic', { set: 0x8000 }],
  ['-dynamic', { clear: 0x8000, mode: 'DYNAMIC mode.' }],
  ['-broadcast', { clear: IFF_BROADCAST, mode: 'BROADCAST mode.' }],
  ['-pointopoint', { clear: IFF_POINTOPOINT, mode: 'POINTOPOINT mode.' }],
  ['-pointtopoint', { clear: IFF_POINTOPOINT, mode: 'POINTOPOINT mode.' }],
]);

const UNSUPPORTED = ['media', 'port', 'keepalive', 'outfill', 'mem_start', 'io_addr', 'tunnel'];

type WordAct = readonly [arg: string, act: (change: IfconfigChange) => Promise<void>];

/** The changes of one command line, one word after the other; what is refused does not stop the rest. */
export class IfconfigChange {
  readonly #proc: Process;
  #name: string;
  readonly #words: string[];
  #failed = 0;
  #hasNetmask = false;
  /** The mask behind the address, set when all else is done. */
  #prefixMask: Ipv4Addr | undefined;

  constructor(proc: Process, name: string, words: readonly string[]) {
    this.#proc = proc;
    this.#name = name;
    this.#words = [...words];
  }

  /** @returns the exit status */
  async run(): Promise<number> {
    const family = this.#words[0];
    if (family === 'inet' || family === 'inet6') this.#words.shift();
    while (this.#words.length > 0) await this.#word(this.#words.shift() as string, family);
    const mask = this.#prefixMask;
    if (mask !== undefined)
      await this.#try('SIOCSIFNETMASK', () => setNetmask(this.#proc, this.#name, mask));
    return this.#failed;
  }

  /** Does one change, and says what is refused: `SIOCSIFMTU: Invalid argument`. */
  async #try(request: string, change: () => void, status = 1): Promise<boolean> {
    try {
      change();
      return true;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#failed |= status;
      await this.#proc.err(`${request}: ${strerror(e.errno)}\n`);
      return false;
    }
  }

  /** The argument of a word. */
  #argument(): string {
    const word = this.#words.shift();
    if (word === undefined) throw usageError(IFCONFIG_USAGE);
    return word;
  }

  async #word(word: string, family: string | undefined): Promise<void> {
    const flag = FLAG_WORDS.get(word);
    if (flag !== undefined) return this.#flags(flag.set ?? 0, flag.clear ?? 0, flag.mode);
    if (UNSUPPORTED.includes(word))
      throw unsupported('ifconfig', `'${word}'`, 'addresses, netmask, flags, mtu, hw ether, name');
    const act = Object.hasOwn(IfconfigChange.#WORDS, word)
      ? IfconfigChange.#WORDS[word]
      : undefined;
    return act === undefined ? this.#address(word, family) : act[1](this);
  }

  /** Words with the argument that follows them. */
  static readonly #WORDS: Readonly<Record<string, WordAct>> = {
    mtu: ['BYTES', (c) => c.#link('SIOCSIFMTU', { mtu: atoi(c.#argument()) })],
    txqueuelen: ['NUMBER', (c) => c.#link('SIOCSIFTXQLEN', { txQueueLen: atoi(c.#argument()) })],
    name: ['NAME', (c) => c.#link('SIOCSIFNAME', { name: c.#argument() })],
    irq: ['NUMBER', (c) => c.#irq()],
    hw: ['ether MAC', (c) => c.#hardware()],
    netmask: ['MASK', (c) => c.#netmask()],
    broadcast: ['[ADDRESS]', (c) => c.#broadcast()],
    dstaddr: ['ADDRESS', (c) => c.#inet('SIOCSIFDSTADDR', c.#argument(), setDestination)],
    pointopoint: ['[ADDRESS]', (c) => c.#pointToPoint()],
    pointtopoint: ['[ADDRESS]', (c) => c.#pointToPoint()],
    add: ['ADDRESS/PLEN', (c) => c.#alias('add', c.#argument())],
    del: ['ADDRESS/PLEN', (c) => c.#alias('del', c.#argument())],
  };

  /** The words with their arguments, for docs/programs. */
  static words(): (readonly [name: string, arg: string])[] {
    return Object.entries(IfconfigChange.#WORDS).map(([name, [arg]]) => [name, arg]);
  }

  async #irq(): Promise<void> {
    this.#argument();
    await this.#try('irq: SIOCSIFMAP', () => {
      throw new KernelError('EOPNOTSUPP');
    });
  }

  async #flags(set: number, clear: number, mode?: string): Promise<void> {
    const name = this.#name;
    const known = await this.#try(
      `${name}: ERROR while getting interface flags`,
      () => getFlags(this.#proc, name),
      FLAGS_FAILED,
    );
    if (!known) return;
    const change = () => changeFlags(this.#proc, name, set, clear);
    await this.#try('SIOCSIFFLAGS', change, FLAGS_FAILED);
    if (mode !== undefined && (getFlags(this.#proc, name) & clear) !== 0)
      await this.#proc.err(`Warning: Interface ${name} still in ${mode}\n`);
  }

  async #link(request: string, change: Parameters<typeof changeLink>[2]): Promise<void> {
    await this.#try(request, () => changeLink(this.#proc, this.#name, change));
  }

  async #hardware(): Promise<void> {
    const kind = this.#argument();
    if (kind !== 'ether') throw usageError(IFCONFIG_USAGE);
    const text = this.#argument();
    const addr = parseHardware(text);
    if (addr === undefined) {
      this.#failed |= 1;
      await this.#proc.err(`${text}: invalid ether address.\n`);
    } else await this.#link('SIOCSIFHWADDR', { addr });
  }

  /** Looks an address up and makes the change with it. */
  async #inet(
    request: string,
    text: string,
    change: (proc: Process, name: string, addr: Ipv4Addr) => void,
  ): Promise<void> {
    try {
      const { addr } = await resolveInet(this.#proc, text, 1);
      await this.#try(request, () => change(this.#proc, this.#name, addr));
    } catch (e) {
      if (!(e instanceof Exit)) throw e;
      this.#failed |= 1;
      await this.#proc.err(e.message);
    }
  }

  async #netmask(): Promise<void> {
    const text = this.#argument();
    if (this.#hasNetmask) throw usageError(IFCONFIG_USAGE);
    await this.#inet('SIOCSIFNETMASK', text, setNetmask);
    this.#hasNetmask = true;
  }

  async #broadcast(): Promise<void> {
    const text = this.#words.shift();
    if (text !== undefined) await this.#inet('SIOCSIFBRDADDR', text, setBroadcast);
    await this.#flags(IFF_BROADCAST, 0);
  }

  async #pointToPoint(): Promise<void> {
    const text = this.#words.shift();
    if (text !== undefined) await this.#inet('SIOCSIFDSTADDR', text, setDestination);
    await this.#flags(IFF_POINTOPOINT, 0);
  }

  /** The address itself. */
  async #address(word: string, family: string | undefined): Promise<void> {
    if (family === 'inet6') throw new Exit(1, "Don't know how to set addresses for family 10.\n");
    const split = splitPrefix(word);
    if (split === undefined || (split.mask !== undefined && this.#hasNetmask))
      throw usageError(IFCONFIG_USAGE);
    this.#prefixMask = split.mask ?? this.#prefixMask;
    const addr = await this.#ownAddress(split.name);
    await this.#try('SIOCSIFADDR', () => setAddress(this.#proc, this.#name, addr));
    const isAlias = this.#name.includes(':');
    const isGone = isAlias && (addr === IPV4_ANY || this.#name.endsWith('-'));
    if (!isGone) await this.#flags(IFF_UP | IFF_RUNNING, 0);
  }

  async #ownAddress(text: string): Promise<Ipv4Addr> {
    try {
      return (await resolveInet(this.#proc, text, 1)).addr;
    } catch (e) {
      if (!(e instanceof Exit)) throw e;
      throw new Exit(1, `${e.message}ifconfig: \`--help' gives usage information.\n`);
    }
  }

  async #alias(word: 'add' | 'del', text: string): Promise<void> {
    if (text.includes(':')) return this.#alias6(word, text);
    const { addr } = await resolveInet(this.#proc, text, 1);
    if (linkByName(this.#proc.netns, this.#name) === undefined) {
      this.#failed |= 1;
      await this.#proc.err(`Interface ${this.#name} not initialized\n`);
    } else this.#alias4(word, addr);
  }

  /** An IPv4 address beside others: an alias with the first number that is free. What is refused goes unsaid. `set_ifstate()` */
  #alias4(word: 'add' | 'del', addr: Ipv4Addr): void {
    const aliases = allInterfaces(this.#proc.netns).filter(
      (i) => i.isAlias && i.name.startsWith(`${this.#name}:`),
    );
    const known = aliases.find((i) => i.addr?.address === addr);
    try {
      if (known !== undefined) {
        if (word === 'del') changeFlags(this.#proc, known.name, 0, IFF_UP);
        return;
      }
      const names = new Set(aliases.map((i) => i.name));
      let free = 0;
      while (names.has(`${this.#name}:${free}`)) free++;
      this.#addAlias(`${this.#name}:${free}`, addr);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  }

  #addAlias(label: string, addr: Ipv4Addr): void {
    const parent = addrByLabel(this.#proc.netns, this.#name);
    setAddress(this.#proc, label, addr);
    setNetmask(this.#proc, label, ipv4Mask(parent?.prefixLen ?? 0));
    setBroadcast(this.#proc, label, parent?.broadcast ?? IPV4_ANY);
  }

  async #alias6(word: 'add' | 'del', text: string): Promise<void> {
    const [host = '', length = '128'] = text.split('/', 2);
    const prefixLen = atoi(length);
    if (prefixLen < 0 || prefixLen > 128) throw usageError(IFCONFIG_USAGE);
    const local = parseIpv6(host);
    if (local === undefined) {
      this.#failed |= 1;
      await this.#proc.err(`${host}: Unknown host\n`);
      return;
    }
    const { netns, uid } = this.#proc;
    const { ifindex } = linkByName(netns, this.#name) ?? { ifindex: 0 };
    await this.#try(word === 'add' ? 'SIOCSIFADDR' : 'SIOCDIFADDR', () => {
      if (uid !== 0) throw new KernelError('EPERM');
      const request = { family: 'inet6' as const, ifindex, local, prefixLen };
      if (word === 'add') addrAdd(netns, request, { create: true, excl: true });
      else addrDel(netns, request);
    });
  }
}

/** What may stand behind the name, for docs/programs. */
export const IFCONFIG_WORD_ROWS: readonly ManualRow[] = [
  ...rowsOf(['inet', 'inet6']),
  { names: ['ADDRESS[/PLEN]'] },
  ...IfconfigChange.words().map(([name, arg]) => ({ names: [name], arg })),
  ...rowsOf(FLAG_WORDS.keys()),
  ...rowsOf(UNSUPPORTED, { refused: true }),
];
