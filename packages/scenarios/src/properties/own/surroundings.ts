/** Puts a rule set into a network that fits it: devices, networks and addresses are those that its rules name. */
import { type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import type { Proto } from '../packet.ts';
import type { RuleTraits } from '../subject.ts';
import type { Topology } from '../topology.ts';
import { negatedOption, optionOf, type Translation } from './translations.ts';

/** What a user may know better than the rules tell. */
export interface Hints {
  /** The device inside. */
  readonly lan?: string | undefined;
  /** The device outside. */
  readonly wan?: string | undefined;
  /** The network inside: `192.168.1.0/24`. */
  readonly inside?: string | undefined;
}

/** A rule set under test: one of its translations, and the network around it. */
export interface OwnRules {
  readonly text: string;
  readonly translation: Translation;
  readonly topology: Topology;
  /** Transports that the rule translates. */
  readonly protos: readonly Proto[];
  /** The port that the rule is about, at the peer or at the router; undefined: any. */
  readonly dport: number | undefined;
  /** Where it leads: the inner port of DNAT, the router's of REDIRECT; undefined: the same. */
  readonly toPort: number | undefined;
  readonly traits: RuleTraits;
}

const NET = { base: parseIpv4('192.168.0.0') as Ipv4Addr, plen: 24 };
const OUTER = parseIpv4('203.0.113.10') as Ipv4Addr;
const FAR = parseIpv4('198.51.100.8') as Ipv4Addr;
const at = (base: Ipv4Addr, n: number): Ipv4Addr => ((base + n) | 0) as Ipv4Addr;

/** A network that fits a translation. */
export function surround(text: string, translation: Translation, hints: Hints = {}): OwnRules {
  const { matches, options, kind } = translation;
  const outgoing = kind === 'masquerade' || kind === 'snat';
  const destination = optionOf(matches, '-d', '--destination');
  const [goal = '', goalPort] = (optionOf(options, '--to-destination') ?? '').split(':');
  const target = addressOf(goal);
  const inside = networkOf(hints.inside ?? (outgoing ? optionOf(matches, '-s') : undefined)) ?? {
    base: target === undefined ? NET.base : ((target & -256) as Ipv4Addr),
    plen: 24,
  };
  const outer = outerOf(optionOf(options, '--to-source'), outgoing ? undefined : destination);
  const ports = optionOf(
    matches,
    '--dport',
    '--destination-port',
    '--dports',
    '--destination-ports',
  );
  const gateway = at(inside.base, target === at(inside.base, 1) ? 2 : 1);
  return {
    text,
    translation,
    protos: protosOf(optionOf(matches, '-p', '--protocol')),
    dport: firstPort(ports),
    toPort: firstPort(goalPort ?? optionOf(options, '--to-ports')),
    traits: traitsOf(text),
    topology: {
      hosts: hostsOf(inside, gateway, target),
      gateway,
      insidePlen: inside.plen,
      outer,
      outerPlen: 24,
      servers: serversOf(outer),
      wanMtu: 1500,
      ...devices(text, translation, hints),
    },
  };
}

function addressOf(text: string | undefined): Ipv4Addr | undefined {
  return parseIpv4((text ?? '').split(/[/-]/)[0] ?? '');
}

function networkOf(text: string | undefined): typeof NET | undefined {
  const addr = addressOf(text);
  if (addr === undefined) return undefined;
  const plen = Number(text?.split('/')[1] ?? 32);
  if (plen > 30 || !Number.isInteger(plen)) return { base: (addr & -256) as Ipv4Addr, plen: 24 };
  return { base: (addr & (-1 << (32 - plen))) as Ipv4Addr, plen };
}

/** Up to four addresses of a range, or the one that packets must be for. */
function outerOf(range: string | undefined, destination: string | undefined): Ipv4Addr[] {
  const [low, high] = (range?.split(':')[0] ?? destination?.split('/')[0] ?? '').split('-');
  const first = addressOf(low) ?? OUTER;
  const last = addressOf(high) ?? first;
  const n = Math.min(Math.max(last - first, 0) + 1, 4);
  return Array.from({ length: n }, (_, i) => at(first, i));
}

function serversOf(outer: readonly Ipv4Addr[]): Ipv4Addr[] {
  const base = ((outer[0] as Ipv4Addr) & -256) as Ipv4Addr;
  const free = [1, 2, 3, 4, 5, 6].map((n) => at(base, n)).filter((a) => !outer.includes(a));
  return [...free.slice(0, 2), FAR];
}

/** The host that rules lead to, and its neighbours. */
function hostsOf(net: typeof NET, gateway: Ipv4Addr, target: Ipv4Addr | undefined): Ipv4Addr[] {
  const size = Math.min(2 ** (32 - net.plen), 256) - 2;
  const all = Array.from({ length: Math.min(size, 8) }, (_, i) => at(net.base, i + 1));
  const others = all.filter((a) => a !== gateway && a !== target).slice(0, 3);
  return target === undefined ? others : [target, ...others.slice(0, 2)];
}

function protosOf(word: string | undefined): Proto[] {
  const known = (['udp', 'tcp', 'icmp'] as const).filter(
    (p) => word === undefined || word === 'all' || p === word,
  );
  const number = { '6': 'tcp', '17': 'udp', '1': 'icmp' } as const;
  const named = word !== undefined && word in number ? [number[word as keyof typeof number]] : [];
  return [...known, ...named];
}

function firstPort(text: string | undefined): number | undefined {
  const port = Number(/^\d+/.exec(text ?? '')?.[0]);
  return Number.isInteger(port) ? port : undefined;
}

/** `ppp+` is ppp0 here. */
const plain = (device: string | undefined): string | undefined => device?.replace(/\+$/, '0');

function devices(
  text: string,
  { matches, kind }: Translation,
  hints: Hints,
): Pick<Topology, 'lan' | 'wan'> {
  const outgoing = kind === 'masquerade' || kind === 'snat';
  const [is, isNot] = outgoing
    ? [optionOf(matches, '-o', '--out-interface'), negatedOption(matches, '-o', '--out-interface')]
    : [optionOf(matches, '-i', '--in-interface'), negatedOption(matches, '-i', '--in-interface')];
  const [near, far] = kind === 'redirect' ? [is, isNot] : [isNot, is];
  const wan = hints.wan ?? plain(far) ?? other('wan', near);
  const lan = hints.lan ?? plain(near) ?? forwarded(text, wan) ?? other('lan', wan);
  return { lan, wan };
}

function other(name: string, taken: string | undefined): string {
  return name === taken ? `${name}0` : name;
}

/** The device that FORWARD's rules name beside the one outside. */
function forwarded(text: string, wan: string): string | undefined {
  const names = [...text.matchAll(/^-A FORWARD\b.*?-[io] ([\w.@-]+\+?)/gm)].map((m) => plain(m[1]));
  return names.find((n) => n !== wan);
}

/** What the text says of traits that laws' conditions are about. */
function traitsOf(text: string): RuleTraits {
  return {
    strangers: 0,
    narrow: false,
    pool: /--to-source \S+-/.test(text),
    persistent: text.includes('--persistent'),
    randomFully: text.includes('--random'),
    dropInput: /^:INPUT DROP/m.test(text) || /^-A INPUT -j DROP/m.test(text),
    dropInvalid: /^-A FORWARD .*INVALID -j DROP/m.test(text),
    hairpin: false,
    onePort: false,
  };
}
