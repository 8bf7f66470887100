import type { MacAddr } from '@labwire/core/addr';
import type { OperState } from '@labwire/devices/link';
import type { LinkSetRequest } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import {
  type Args,
  atoi,
  duplicateArgument,
  duplicateOrGarbage,
  Exit,
  Failure,
  findWord,
  invalidArgument,
  isAltIfname,
  isIfname,
  type LinkAddr,
  macOfBytes,
  noSuchDevice,
  parseInteger,
  parseLinkAddr,
  parseOnOff,
  parseStrictOnOff,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import { ADDR_GEN_MODES } from '../device/index.ts';
import { findNetns } from '../netns/index.ts';
import { LINK_USAGE } from './usage.ts';

/** -readonly */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** What the words before `type` of `ip link add` and `set` say. */
export interface LinkWords {
  request: Draft<LinkSetRequest> & {
    ifindex?: number;
    numTxQueues?: number;
    numRxQueues?: number;
    link?: number;
  };
  /** The kind after `type`, if it is given. */
  type: string | undefined;
  /** The device that is named. */
  dev: string | undefined;
  /** A new name. */
  name: string | undefined;
  /** The device below. */
  below: string | undefined;
  addr: LinkAddr | undefined;
  /** Only `group` is given to say which devices are meant. */
  groupOnly: boolean;
}

/** IFF_* that `ip link set` turns on and off by a word, and what `on` means for the bit. */
const SWITCHES: Readonly<Record<string, readonly [bit: number, inverted: boolean]>> = {
  multicast: [0x1000, false],
  allmulticast: [0x200, false],
  promisc: [0x100, false],
  trailers: [0x20, true],
  arp: [0x80, true],
  dynamic: [0x8000, false],
};
const IFF_UP = 0x1;
/** IF_OPER_* by name. */
const OPER_STATES: readonly OperState[] = [
  'UNKNOWN',
  'NOTPRESENT',
  'DOWN',
  'LOWERLAYERDOWN',
  'TESTING',
  'DORMANT',
  'UP',
];
/** Longest alias in bytes. IFALIASZ */
const ALIAS_MAX = 255;
/** What `EINVAL` as a return value makes of the exit status. */
const EINVAL_STATUS = 22;

/** Reads the words up to `type KIND` or the end. Source: iproute2 ip/iplink.c, iplink_parse(). */
export class LinkParser {
  readonly #ctx: Context;
  readonly #args: Args;
  readonly #creating: boolean;
  readonly #given = new Set<string>();
  readonly words: LinkWords = {
    request: {},
    type: undefined,
    dev: undefined,
    name: undefined,
    below: undefined,
    addr: undefined,
    groupOnly: false,
  };

  /** @param creating for `add`: the device is new */
  constructor(ctx: Context, args: Args, creating: boolean) {
    this.#ctx = ctx;
    this.#args = args;
    this.#creating = creating;
  }

  parse(): LinkWords {
    const args = this.#args;
    for (; !args.done && this.words.type === undefined; args.skip()) {
      const found = findWord(LINK_WORDS, args);
      if (found === undefined) this.#device();
      else found.read(this, args, this.#ctx);
    }
    this.#finish();
    return this.words;
  }

  /** Notes an option that may be given once. @throws Exit if it was before */
  once(option: string, text: string): void {
    if (this.#given.has(option)) throw duplicateArgument(option, text);
    this.#given.add(option);
  }

  setFlag(bit: number, on: boolean): void {
    const { request } = this.words;
    request.setFlags = on ? (request.setFlags ?? 0) | bit : (request.setFlags ?? 0) & ~bit;
    request.clearFlags = on ? (request.clearFlags ?? 0) & ~bit : (request.clearFlags ?? 0) | bit;
  }

  #device(): void {
    const args = this.#args;
    const { words } = this;
    if (args.matches('help')) throw new Exit(255, LINK_USAGE);
    const name = args.is('dev') ? args.value() : args.word;
    if (words.dev !== words.name) throw duplicateOrGarbage('dev', name);
    if (!isAltIfname(name)) throw invalidArgument('"dev" not a valid ifname', name);
    words.dev = name;
  }

  #finish(): void {
    const { words } = this;
    if (words.name === undefined) words.name = words.dev;
    else words.dev ??= words.name;
    this.#checkAddr();
    const { ifindex, group, netns } = words.request;
    if (ifindex !== undefined && !this.#creating && netns === undefined) {
      const text =
        'index can be used only when creating devices or when moving device to another netns.\n';
      throw new Exit(255, text);
    }
    if (group !== undefined && words.dev === undefined) this.#groupOnly();
    else if (this.#creating) this.#finishNew();
    else this.#finishSet();
  }

  #checkAddr(): void {
    const { addr, dev } = this.words;
    if (addr === undefined) return;
    if (!this.#creating && dev !== undefined && this.#ctx.findIndex(dev) !== 0 && addr.length !== 6)
      throw new Failure(1, `Invalid address length ${addr.length} - must be 6 bytes\n`);
    if (addr.length !== 6) throw new Failure(2, 'RTNETLINK answers: Invalid argument\n');
    this.words.request.addr = macOfBytes(addr) as MacAddr;
  }

  #groupOnly(): void {
    const args = this.#args;
    if (!args.done) {
      const text = `Garbage instead of arguments "${args.word} ...". Try "ip link help".\n`;
      throw new Exit(255, text);
    }
    if (this.#creating) throw new Exit(255, 'group cannot be used when creating devices.\n');
    this.words.groupOnly = true;
  }

  #finishSet(): void {
    const { words } = this;
    if (words.dev === undefined)
      throw new Exit(255, 'Not enough information: "dev" argument is required.\n');
    this.#ctx.indexOf(words.dev);
    if (words.name === words.dev) words.name = undefined;
    const { ifindex, ...rest } = words.request;
    if (ifindex !== undefined) words.request = { ...rest, newIfindex: ifindex };
  }

  #finishNew(): void {
    const { words } = this;
    if (words.name !== words.dev)
      throw new Exit(255, 'both "name" and "dev" cannot be used when creating devices.\n');
    if (words.below === undefined) return;
    const index = this.#ctx.findIndex(words.below);
    if (index === 0) throw noSuchDevice(words.below);
    words.request.link = index;
  }
}

type LinkWord = Word<LinkParser, Context>;

function readName({ words }: LinkParser, args: Args): void {
  const text = args.value();
  if (words.name !== undefined) throw duplicateArgument('name', text);
  if (!isIfname(text)) throw invalidArgument('"name" not a valid ifname', text);
  words.name = text;
  words.dev ??= text;
}

/** An option with an int, which may be given once. */
function intOption(
  spellings: string,
  option: string,
  put: (words: LinkWords, value: number) => void,
): LinkWord {
  return word(`${spellings} NUMBER`, (parser, args) => {
    const text = args.value();
    parser.once(option, text);
    const value = parseInteger(text);
    if (value === undefined) throw invalidArgument(`Invalid "${option}" value\n`, text);
    put(parser.words, value);
  });
}

function readNetns(parser: LinkParser, args: Args, ctx: Context): void {
  const text = args.value();
  parser.once('netns', text);
  const pid = parseInteger(text);
  const netns = findNetns(ctx, text);
  if (netns !== undefined) parser.words.request.netns = netns;
  else if (pid === undefined) throw invalidArgument('Invalid "netns" value\n', text);
  else {
    const proc = ctx.proc.machine.processes.get(pid);
    if (proc === undefined) throw new Failure(2, 'RTNETLINK answers: No such process\n');
    parser.words.request.netns = proc.netns;
  }
}

function readMaster({ words }: LinkParser, args: Args, ctx: Context): void {
  const name = args.value();
  words.request.master = ctx.findIndex(name);
  if (words.request.master === 0) throw invalidArgument('Device does not exist\n', name);
}

function readVrf({ words }: LinkParser, args: Args, ctx: Context): void {
  const name = args.value();
  const index = ctx.findIndex(name);
  if (index === 0 || ctx.link(index)?.kind !== 'vrf')
    throw invalidArgument('Not a valid VRF name\n', name);
  words.request.master = index;
}

function readAlias({ words }: LinkParser, args: Args): void {
  const text = args.value();
  if (text.length > ALIAS_MAX) throw invalidArgument('alias too long\n', text);
  words.request.alias = text;
}

function readGroup(parser: LinkParser, args: Args, ctx: Context): void {
  const text = args.value();
  parser.once('group', text);
  const id = ctx.names.groupId(text);
  if (id === undefined) throw invalidArgument('Invalid "group" value\n', text);
  parser.words.request.group = id;
}

function readAddrGenMode({ words }: LinkParser, args: Args): void {
  const text = args.value();
  const mode = ADDR_GEN_MODES.indexOf(text.toLowerCase());
  if (mode < 0) throw invalidArgument('Invalid address generation mode\n', text);
  words.request.addrGenMode = mode;
}

function readLinkMode({ words }: LinkParser, args: Args): void {
  const text = args.value();
  const mode = ['default', 'dormant'].indexOf(text.toLowerCase());
  if (mode < 0) throw invalidArgument('Invalid link mode\n', text);
  words.request.linkMode = mode;
}

function readOperState({ words }: LinkParser, args: Args): void {
  const text = args.value();
  const state = OPER_STATES.find((name) => name === text.toUpperCase());
  if (state === undefined) throw invalidArgument('Invalid operstate\n', text);
  words.request.operState = state;
}

function readIndex(parser: LinkParser, args: Args): void {
  const text = args.value();
  parser.once('index', text);
  const index = atoi(text);
  if (index <= 0) throw invalidArgument('Invalid "index" value', text);
  parser.words.request.ifindex = index;
}

function switchWord(name: string, spellings: string = name): LinkWord {
  const [bit, inverted] = SWITCHES[name] as readonly [number, boolean];
  return word(`${spellings} on|off`, (parser, args) =>
    parser.setFlag(bit, parseStrictOnOff(name, args.value()) !== inverted),
  );
}

function unsupportedWord(spellings: string): LinkWord {
  const supported =
    'up, down, name, index, link, address, broadcast, txqueuelen, mtu, netns, multicast, allmulticast, promisc, trailers, arp, carrier, master, vrf, nomaster, dynamic, type, alias, group, mode, state, numtxqueues, numrxqueues, addrgenmode';
  return refusedWord(spellings, (typed) => unsupported(`Option "${typed}" of ip link`, supported));
}

/** Reads a number and refuses it as not acted upon. */
function checkedUnsupported(name: string, max: number): LinkWord {
  const refuse: LinkWord['read'] = (_parser, args) => {
    const text = args.value();
    if (parseUnsigned(text, max) === undefined)
      throw invalidArgument(`Invalid "${name}" value\n`, text);
    throw unsupported(`Option "${name}" of ip link`, 'the default limits');
  };
  return { ...word<LinkParser, Context>(`${name} NUMBER`, refuse), refused: true };
}

/** The words, in the order in which an abbreviation is looked up. Source: ip/iplink.c, iplink_parse(). */
export const LINK_WORDS: readonly LinkWord[] = [
  word('up', (parser) => parser.setFlag(IFF_UP, true)),
  word('down', (parser) => parser.setFlag(IFF_UP, false)),
  word('name NAME', readName),
  word('index NUMBER', readIndex),
  word('link* DEVICE', ({ words }, args) => {
    words.below = args.value();
  }),
  word('address* MAC', ({ words }, args) => {
    words.addr = parseLinkAddr(args.value());
  }),
  word('brd|broadcast* MAC', ({ words }, args) => {
    words.request.broadcast = macOfBytes(parseLinkAddr(args.value()));
  }),
  intOption('qlen|txqueuelen*|txqlen*', 'txqueuelen', ({ request }, value) => {
    request.txQueueLen = value;
  }),
  intOption('mtu', 'mtu', ({ request }, value) => {
    request.mtu = value;
  }),
  unsupportedWord('xdpgeneric|xdpdrv|xdpoffload|xdp'),
  word('netns NAME|PID', readNetns),
  switchWord('multicast'),
  switchWord('allmulticast'),
  switchWord('promisc'),
  switchWord('trailers'),
  switchWord('arp'),
  word('carrier on|off', ({ words }, args) => {
    words.request.carrier = parseOnOff('carrier', args.value(), EINVAL_STATUS);
  }),
  unsupportedWord('vf'),
  word('master* DEVICE', readMaster),
  word('vrf NAME', readVrf),
  word('nomaster*', ({ words }) => {
    words.request.master = 0;
  }),
  switchWord('dynamic', 'dynamic*'),
  word('type* KIND', ({ words }, args) => {
    words.type = args.value();
  }),
  word('alias* TEXT', readAlias),
  word('group GROUP', readGroup),
  word('mode default|dormant', readLinkMode),
  word('state STATE', readOperState),
  intOption('numtxqueues*', 'numtxqueues', ({ request }, value) => {
    request.numTxQueues = value;
  }),
  intOption('numrxqueues*', 'numrxqueues', ({ request }, value) => {
    request.numRxQueues = value;
  }),
  word('addrgenmode* MODE', readAddrGenMode),
  unsupportedWord('link-netns*|link-netnsid*'),
  unsupportedWord('protodown|protodown_reason'),
  checkedUnsupported('gso_max_size', 0xffff_ffff),
  checkedUnsupported('gso_max_segs', 0xffff),
  checkedUnsupported('gro_max_size', 0xffff_ffff),
  unsupportedWord('parentdev'),
];
