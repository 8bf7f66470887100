/** What can be under test: the ways of translating that the law book judges. */
import { formatIpv4 } from '@labwire/core/addr';
import type { End, Proto } from './packet.ts';
import type { Topology } from './topology.ts';

/** A way of translating. */
export type SubjectName = 'masquerade' | 'snat' | 'dnat' | 'redirect' | 'user';

/** All of them, in the order of the scoreboard. */
export const SUBJECTS: readonly SubjectName[] = ['masquerade', 'snat', 'dnat', 'redirect', 'user'];

/** Their names in tables. */
export const SUBJECT_TITLES: Readonly<Record<SubjectName, string>> = {
  masquerade: 'MASQUERADE',
  snat: 'SNAT',
  dnat: 'DNAT',
  redirect: 'REDIRECT',
  user: 'user mode',
};

/** Ports of generated rules: what the outside reaches by DNAT, what is redirected, and where either leads. */
export const PUBLISHED = 8080;
export const SERVED = 80;
export const REDIRECTED = 9053;
export const LISTENING = 5353;
/** The outer port of rules that have but one. */
const ONE_PORT = 5000;

/** Whatever a rule set may be asked to be, beside the way it translates. */
export interface RuleTraits {
  /** Rules that match none of a scenario's packets, in front of the others. */
  readonly strangers: number;
  /** Has the translating rules name protocols, networks or devices where they need not. */
  readonly narrow: boolean;
  /** SNAT: several outer addresses. */
  readonly pool: boolean;
  /** SNAT with a pool: the same address for all of a host's. */
  readonly persistent: boolean;
  /** MASQUERADE and SNAT: `--random-fully`. */
  readonly randomFully: boolean;
  /** The router drops what is for itself and was not asked for. */
  readonly dropInput: boolean;
  /** The router drops what connection tracking calls INVALID. */
  readonly dropInvalid: boolean;
  /** DNAT: from inside too, with the source translated as well. */
  readonly hairpin: boolean;
  /** MASQUERADE and SNAT: a single outer port for all datagrams. */
  readonly onePort: boolean;
}

/** The least of all rule sets. */
export const PLAIN: RuleTraits = {
  strangers: 0,
  narrow: false,
  pool: false,
  persistent: false,
  randomFully: false,
  dropInput: false,
  dropInvalid: false,
  hairpin: false,
  onePort: false,
};

/** A subject's rules as iptables-save prints them; undefined: there are none, since QEMU translates. */
export function rulesOf(subject: SubjectName, t: Topology, r: RuleTraits): string | undefined {
  if (subject === 'user') return undefined;
  const strangers = Array.from(
    { length: r.strangers },
    (_, i) => `-A POSTROUTING -s 198.18.${i}.0/24 -o wan -j ACCEPT`,
  );
  return [
    '*filter',
    `:INPUT ${r.dropInput ? 'DROP' : 'ACCEPT'} [0:0]`,
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ...(r.dropInput
      ? [
          '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
          '-A INPUT -i lan -j ACCEPT',
        ]
      : []),
    ...(r.dropInvalid ? ['-A FORWARD -m conntrack --ctstate INVALID -j DROP'] : []),
    'COMMIT',
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ...strangers,
    ...translating(subject, t, r),
    'COMMIT',
    '',
  ].join('\n');
}

function translating(subject: SubjectName, t: Topology, r: RuleTraits): string[] {
  const random = r.randomFully ? ' --random-fully' : '';
  const [first, ...more] = t.outer.map(formatIpv4);
  const last = r.pool ? (more.at(-1) ?? first) : first;
  const to = last === first ? first : `${first}-${last}`;
  const net = `${formatIpv4(t.gateway)}/${t.insidePlen}`;
  const whose = r.narrow ? `-s ${net} ` : '';
  const only = r.onePort ? '-p udp -m udp ' : '';
  const [host = t.gateway] = t.hosts;
  switch (subject) {
    case 'masquerade':
      return [
        `-A POSTROUTING ${whose}-o wan ${only}-j MASQUERADE${r.onePort ? ` --to-ports ${ONE_PORT}` : ''}${random}`,
      ];
    case 'snat': {
      const persistent = r.persistent ? ' --persistent' : '';
      return [
        `-A POSTROUTING ${whose}-o wan ${only}-j SNAT --to-source ${to}${r.onePort ? `:${ONE_PORT}` : ''}${random}${persistent}`,
      ];
    }
    case 'dnat':
      return dnat(formatIpv4(host), `${first}`, net, r);
    default:
      return (['tcp', 'udp'] as const).map(
        (p) =>
          `-A PREROUTING ${whose}-i lan -p ${p} -m ${p} --dport ${REDIRECTED} -j REDIRECT --to-ports ${LISTENING}`,
      );
  }
}

function dnat(host: string, outer: string, net: string, r: RuleTraits): string[] {
  const from = r.hairpin ? '' : '-i wan ';
  const ports = (['tcp', 'udp'] as const).map(
    (p) =>
      `-A PREROUTING -d ${outer}/32 ${from}-p ${p} -m ${p} --dport ${PUBLISHED} -j DNAT --to-destination ${host}:${SERVED}`,
  );
  const queries = `-A PREROUTING -d ${outer}/32 ${from}-p icmp -j DNAT --to-destination ${host}`;
  const back = `-A POSTROUTING -s ${net} -d ${host}/32 -o lan -j MASQUERADE`;
  return [...ports, queries, ...(r.hairpin ? [back] : [])];
}

/** Who can speak with whom in a scenario of a subject. */
export interface Place {
  readonly inner: End;
  readonly peer: End;
}

/** The ends of a flow that a subject's rules are about, given what a scenario would like them to be. */
export function placeOf(
  subject: SubjectName,
  t: Topology,
  proto: Proto,
  wish: {
    readonly host: number;
    readonly port: number;
    readonly server: number;
    readonly dport: number;
  },
): Place {
  const hosts = t.hosts;
  const host = hosts[wish.host % hosts.length] as End['addr'];
  const server = t.servers[wish.server % t.servers.length] as End['addr'];
  const isQuery = proto === 'icmp';
  switch (subject) {
    case 'dnat': {
      const port = isQuery ? wish.port : SERVED;
      return {
        inner: { addr: hosts[0] as End['addr'], port },
        peer: { addr: server, port: isQuery ? port : wish.port },
      };
    }
    case 'redirect':
      return {
        inner: { addr: host, port: wish.port },
        peer: { addr: server, port: isQuery ? wish.port : REDIRECTED },
      };
    default:
      return {
        inner: { addr: host, port: wish.port },
        peer: { addr: server, port: isQuery ? wish.port : wish.dport },
      };
  }
}
