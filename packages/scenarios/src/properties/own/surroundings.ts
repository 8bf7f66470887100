/** Puts a rule set into a network that fits it: devices, networks and addresses are those that its rules name. */
import { type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import type { Proto } from '../packet.ts';
import type { RuleTraits } from '../subject.ts';
import type { Topology } from '../topology.ts';
import {
  addressOf,
  at,
  exactly,
  hostsOf,
  isWithin,
  type Net,
  networkOf,
  outsideOf,
  rangeOf,
} from './networks.ts';
import { findTranslations, negatedOption, optionOf, type Translation } from './translations.ts';

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
  /** Hosts outside that the rule lets take part. */
  readonly peers: readonly Ipv4Addr[];
  /** Commands that make the rest of a pool of addresses the router's. */
  readonly routes: readonly string[];
  /** What it does for another rule, with which it is tried; undefined: it stands for itself. */
  readonly helps: string | undefined;
}

const NET: Net = { base: parseIpv4('192.168.0.0') as Ipv4Addr, plen: 24 };

/** A network that fits a translation. */
export function surround(text: string, translation: Translation, hints: Hints = {}): OwnRules {
  const { matches, options, kind } = translation;
  const outgoing = kind === 'masquerade' || kind === 'snat';
  const destination = optionOf(matches, '-d', '--destination');
  const [goal = '', goalPort] = (optionOf(options, '--to-destination') ?? '').split(':');
  const target = addressOf(goal);
  const inside = networkOf(
    hints.inside ?? (outgoing ? optionOf(matches, '-s', '--source') : undefined),
  ) ?? {
    base: target === undefined ? NET.base : ((target & -256) as Ipv4Addr),
    plen: 24,
  };
  const pool = rangeOf(optionOf(options, '--to-source'), kind === 'dnat' ? destination : undefined);
  const named = exactly(kind === 'dnat' ? optionOf(matches, '-s', '--source') : destination);
  const { outer, plen, servers, routes, peers } = outsideOf(pool, inside, named);
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
    peers,
    routes,
    helps: outgoing && named !== undefined ? helpOf(text, named, inside) : undefined,
    topology: {
      hosts: hostsOf(inside, gateway, target),
      gateway,
      insidePlen: inside.plen,
      outer,
      outerPlen: plen,
      servers,
      wanMtu: 1500,
      ...devices(text, translation, hints),
    },
  };
}

/** A rule for what is sent back inside is one half of a hairpin. */
function helpOf(text: string, goal: Net, inside: Net): string | undefined {
  if (!isWithin(goal, inside)) return undefined;
  const other = findTranslations(text).find((t) => {
    const target = exactly(optionOf(t.options, '--to-destination')?.split(':')[0]);
    return t.kind === 'dnat' && target !== undefined && isWithin(target, goal);
  });
  return other === undefined
    ? 'it translates what stays inside, of which the RFCs ask nothing'
    : `it translates what line ${other.line} sends back inside, and is tried with that`;
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
  const wan = hints.wan ?? plain(far) ?? outward(text, near) ?? other('wan', near);
  const lan = hints.lan ?? plain(near) ?? forwarded(text, wan) ?? other('lan', wan);
  return { lan, wan };
}

function other(name: string, taken: string | undefined): string {
  return name === taken ? `${name}0` : name;
}

/** The device for which other rules translate sources. */
function outward(text: string, near: string | undefined): string | undefined {
  const all = findTranslations(text).filter((t) => t.kind === 'masquerade' || t.kind === 'snat');
  const names = all.map((t) => plain(optionOf(t.matches, '-o', '--out-interface')));
  return names.find((n) => n !== undefined && n !== near);
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
