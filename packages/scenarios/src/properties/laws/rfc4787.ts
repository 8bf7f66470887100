/** RFC 4787, NAT behaviour for UDP (BCP 127). */
import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { utf8Encode } from '@labwire/core/bytes';
import { ICMP_PARAMETERPROB } from '@labwire/core/wire';
import type { FlowWish } from '../arbitraries.ts';
import { type Check, lineOf, wants } from '../checks.ts';
import { approves, endText, errorIn, letIn, letOut, quotedInside } from '../judge.ts';
import type { Furnished, Instead, Law, Try } from '../law.ts';
import type { IcmpErrorTraits } from '../packet.ts';
import type { ErrorStep } from '../steps.ts';
import type { Topology } from '../topology.ts';
import type { Trace } from '../trace.ts';
import {
  addressDependentFiltering,
  endpointIndependent,
  HAIRPIN_REFUSED,
  hairpin,
  hairpinning,
  NO_OUTSIDE,
  NO_SOURCE,
  noOverloading,
  ONE_ADDRESS,
} from './both.ts';
import {
  hostsPort,
  MAPPED,
  nothing,
  portOfClass,
  REDRAWN,
  redrawn,
  type Silence,
  SOURCE,
  silence,
} from './instead.ts';

export const pooling: Law = {
  id: 'RFC 4787 REQ-2',
  meaning: 'One outer address for all of a host’s flows (pooling paired)',
  proto: 'udp',
  notFor: { masquerade: ONE_ADDRESS, dnat: ONE_ADDRESS, redirect: NO_SOURCE, user: ONE_ADDRESS },
  needsPool: true,
  furnish: () => ({ rules: { pool: true } }),
  steps: (s) => {
    const { a } = s.chance;
    return [
      ...s.expose(a, 'first'),
      ...s.expose({ ...a, port: a.port + 2, server: a.server + 1 }, 'second'),
    ];
  },
  judge: (t, s) => {
    const one = s.seen(t, 'first');
    if (one === undefined || t.at('second', 'outside') === undefined) return [];
    return [wants(t, 'second', 'outside', 'the same outer address', `${formatIpv4(one.addr)}.`)];
  },
  condition: { text: '--persistent', holds: (s) => s.rules.persistent },
  instead: [
    {
      who: ['snat'],
      text: 'each peer sees the address of the pool that a hash of both ends’ addresses chooses',
      judge: (t, s) => {
        const p = t.at('second', 'outside');
        if (p === undefined) return [];
        const ok = s.topology.outer.includes(p.src.addr);
        return [approves(t, 'second', 'outside', 'an address of the pool', p, ok)];
      },
    },
  ],
};

const isWellKnown = (port: number): boolean => port < 1024;
/** Ports of all of the kernel's classes. */
const CLASSES = [300, 701, 40_000, 301, 700, 1024];

/** Flow `a` with a port of some class, which its neighbour has too. */
const ofClass = (s: Try): FlowWish => ({
  ...s.chance.a,
  port: CLASSES[s.pick(CLASSES.length)] as number,
});

const HOSTS_PORT: Instead = {
  who: ['user'],
  text: 'the host’s kernel chooses a port of its range (`ip_local_port_range`)',
  judge: (t, s) => hostsPort(t, s, 'first'),
};

const portClass: Law = {
  id: 'RFC 4787 REQ-3a',
  meaning: 'Ports 0–1023 stay in 0–1023, the others in 1024–65535',
  proto: 'udp',
  notFor: { dnat: 'its rule names both ports', redirect: NO_SOURCE },
  steps: (s) => [
    ...s.expose(s.neighbour(ofClass(s)), 'neighbour'),
    ...s.expose(ofClass(s), 'first'),
  ],
  judge: (t, s) => {
    const p = t.at('first', s.peerSide);
    if (p === undefined) return [];
    const ok = isWellKnown(p.src.port) === isWellKnown(ofClass(s).port);
    return [approves(t, 'first', s.peerSide, 'an outer port of the same class', p, ok)];
  },
  instead: [HOSTS_PORT],
};

/** Tries in which a neighbour has the port already. */
const isTaken = (s: Try): boolean => s.pick(2) === 0;

const parity: Law = {
  id: 'RFC 4787 REQ-4',
  meaning: 'Even ports stay even, odd ones odd',
  proto: 'udp',
  notFor: { dnat: 'its rule names both ports', redirect: NO_SOURCE },
  furnish: () => ({ rules: { pool: false } }),
  steps: (s) => [
    ...(isTaken(s) ? s.expose(s.neighbour(ofClass(s)), 'neighbour') : []),
    ...s.expose(ofClass(s), 'first'),
  ],
  judge: (t, s) => {
    const p = t.at('first', s.peerSide);
    if (p === undefined) return [];
    const ok = p.src.port % 2 === ofClass(s).port % 2;
    return [approves(t, 'first', s.peerSide, 'an outer port of the same parity', p, ok)];
  },
  condition: {
    text: 'no other host uses it toward the same peer, so it is kept',
    holds: (s) => s.subject !== 'user' && !isTaken(s),
  },
  instead: [
    { ...REDRAWN, who: SOURCE, judge: (t, s) => portOfClass(t, s, 'first', ofClass(s).port) },
    HOSTS_PORT,
  ],
};

/** Tries in which both sides speak for more than two seconds before the silence. */
const isStream = (s: Try): boolean => s.pick(2) === 1;
/** Seconds that an unanswered mapping of the kernel's lives, and a socket of user mode. */
const UDP_LIFE = 30;
const SOCKET_LIFE = 240;
/** User mode looks for idle sockets every so often. */
const SOCKET_SLACK = 12;

/** A silence around the end of the life of a mapping that was not answered, `last` seconds long at most. */
const unanswered = (s: Try, last: number): Silence => {
  const half = Math.floor(s.chance.n / 2);
  return s.subject === 'user'
    ? silence(SOCKET_LIFE, last, half, SOCKET_SLACK)
    : silence(UDP_LIFE, last, half);
};

/** The answer after a silence comes in or does not, as the silence is. */
const byLife = (t: Trace, s: Try, { seconds, isOver }: Silence): Check[] =>
  letIn(t, s, s.chance.a, 'late', `after ${seconds} seconds`, isOver ? 0 : 1);

/** How long the host is silent in tries of REQ-5: user mode's sockets live longer than that. */
const silenceWithinTwoMinutes = (s: Try): Silence =>
  isStream(s) || s.subject === 'user'
    ? { seconds: 40 + (Math.floor(s.chance.n / 2) % 78), isOver: false }
    : unanswered(s, 118);

const timer: Law = {
  id: 'RFC 4787 REQ-5',
  meaning: 'A mapping of UDP lives for two minutes at least',
  proto: 'udp',
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    ...(isStream(s)
      ? [
          s.inbound('first', 'reply'),
          { do: 'wait', seconds: 3 } as const,
          s.inbound('first', 'reply again'),
        ]
      : []),
    { do: 'wait', seconds: silenceWithinTwoMinutes(s).seconds },
    s.inbound('first', 'late'),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'within two minutes'),
  condition: { text: 'datagrams went both ways for over two seconds', holds: isStream },
  instead: [
    {
      who: MAPPED,
      text: 'a mapping that was never answered ends after 30 seconds',
      judge: (t, s) => byLife(t, s, silenceWithinTwoMinutes(s)),
    },
  ],
};

/** The time that REQ-5b sets. */
const lifeSet = (s: Try): number => SOCKET_LIFE + SOCKET_SLACK + 4 + s.pick(100);

/** A silence that a mapping with the time that was set lives through: for user mode, shorter than its own in half of the tries. */
const silenceWithinTheLifeSet = (s: Try): number =>
  s.subject === 'user' && s.pick(2) === 0 ? SOCKET_LIFE - SOCKET_SLACK : lifeSet(s) - 3;

const timerSetting: Law = {
  id: 'RFC 4787 REQ-5b',
  meaning: 'The timer of UDP can be set',
  proto: 'udp',
  furnish: (s) => ({ sysctl: { 'net.netfilter.nf_conntrack_udp_timeout': lifeSet(s) } }),
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    { do: 'wait', seconds: silenceWithinTheLifeSet(s) },
    s.inbound('first', 'late'),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'three seconds before the time that was set'),
  instead: [
    {
      who: ['user'],
      text: 'its 240 seconds are built in',
      judge: (t, s) => {
        const seconds = silenceWithinTheLifeSet(s);
        return byLife(t, s, { seconds, isOver: seconds > SOCKET_LIFE });
      },
    },
  ],
};

const timerDefault: Law = {
  id: 'RFC 4787 REQ-5c',
  meaning: 'By default it lives for five minutes or more',
  proto: 'udp',
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    { do: 'wait', seconds: unanswered(s, 298).seconds },
    s.inbound('first', 'late'),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'within five minutes'),
  instead: [
    {
      who: [...MAPPED, 'user'],
      text: 'it ends after 30 seconds without an answer, user mode’s after 240',
      judge: (t, s) => byLife(t, s, unanswered(s, 298)),
    },
  ],
};

/** A silence after which a mapping still is there, but two of which it does not live through. */
const mostOfALife = (s: Try): number => (s.subject === 'user' ? 150 + s.pick(60) : 18 + s.pick(9));

const refresh: Law = {
  id: 'RFC 4787 REQ-6',
  meaning: 'What a host sends keeps its mapping alive',
  proto: 'udp',
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    { do: 'wait', seconds: mostOfALife(s) },
    ...s.expose(s.chance.a, 'again'),
    { do: 'wait', seconds: mostOfALife(s) },
    s.inbound('again', 'late'),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'a mapping that was used meanwhile'),
};

/** The outside has the same network as the inside. */
function overlapping(t: Topology): Topology {
  const at = (n: number): Ipv4Addr => ((t.gateway & 0xffffff00) + n) as Ipv4Addr;
  return { ...t, outer: t.outer.map((_, i) => at(100 + i)), servers: [at(200), at(201)] };
}

const overlap: Law = {
  id: 'RFC 4787 REQ-7',
  meaning: 'Inside and outside may have the same addresses',
  proto: 'udp',
  notFor: { dnat: 'nobody inside begins', redirect: NO_OUTSIDE },
  furnish: (s) => ({ topology: overlapping(s.topology) }),
  steps: (s) => {
    const src = s.place(s.chance.a).inner;
    const dst = { addr: overlapping(s.topology).servers[s.pick(2)] as Ipv4Addr, port: 9000 };
    return [
      { do: 'send', from: 'inside', packet: { proto: 'udp', src, dst }, name: 'first' },
      { do: 'wait', seconds: 4, name: 'silence' },
    ];
  },
  judge: (t) => [
    wants(t, 'first', 'outside', 'at a peer with an address of the inside', '.9000: '),
  ],
  instead: [
    {
      who: [...SOURCE, 'user'],
      text: 'the address is looked for inside, and found nowhere',
      judge: (t) => [
        ...nothing(t, 'first', 'outside'),
        ...nothing(t, 'first', 'inside'),
        ...nothing(t, 'silence', 'inside'),
      ],
    },
  ],
};

const externalSource: Law = {
  id: 'RFC 4787 REQ-9a',
  proto: 'udp',
  notFor: { redirect: NO_OUTSIDE },
  meaning: 'Hairpinned packets show the sender’s outer end',
  steps: (s) => [...s.expose(s.chance.a, 'first'), hairpin(s)],
  judge: (t, s) => {
    if (t.of('hairpin')?.sent[0] === undefined) return [];
    const { inner } = s.place(s.chance.a);
    const p = t.at('hairpin', 'inside');
    if (p === undefined)
      return [wants(t, 'hairpin', 'inside', 'at the other host', ` > ${endText(inner, 'udp')}: `)];
    return [approves(t, 'hairpin', 'inside', 'from the outer address', p, p.src.addr === s.outer)];
  },
  instead: [
    HAIRPIN_REFUSED,
    {
      who: ['dnat'],
      text: 'a hairpin by rules shows the router’s inner address',
      judge: (t, s) => {
        const p = t.at('hairpin', 'inside');
        if (p === undefined) return [];
        const ok = p.src.addr === s.topology.gateway;
        return [approves(t, 'hairpin', 'inside', 'from the router’s inner address', p, ok)];
      },
    },
  ],
};

/** Payloads in which a helpful router would change something. */
const TEMPTING: readonly (readonly [port: number, text: (addr: string) => string])[] = [
  [5060, (a) => `OPTIONS sip:x@${a} SIP/2.0\r\nContact: <sip:x@${a}>\r\n\r\n`],
  [6970, (a) => `SETUP rtsp://${a}/ RTSP/1.0\r\n\r\n`],
];

const noHelpers: Law = {
  id: 'RFC 4787 REQ-10',
  meaning: 'Payloads are left alone (no ALG by default)',
  proto: 'udp',
  steps: (s) => {
    const [dport, text] = TEMPTING[s.pick(TEMPTING.length)] as (typeof TEMPTING)[number];
    const { a } = s.chance;
    const payload = utf8Encode(text(formatIpv4(s.place(a).inner.addr)));
    return s.expose({ ...a, dport }, 'first', { payload });
  },
  judge: (t, s) => {
    const p = t.at('first', s.peerSide);
    const sent = t.of('first')?.sent[0];
    if (p === undefined || sent === undefined) return [];
    const length = p.payload.length;
    const ok = String(p.payload) === String(sent.slice(sent.length - length)) && length > 20;
    return [approves(t, 'first', s.peerSide, 'the payload as it was sent', p, ok)];
  },
};

const deterministic: Law = {
  id: 'RFC 4787 REQ-11',
  meaning: 'Mapping does not change its kind when others come',
  proto: 'udp',
  steps: (s) => {
    const { a } = s.chance;
    const other = s.elsewhere(a);
    return [
      ...s.expose(a, 'first'),
      s.begin(s.neighbour(other), 'neighbour'),
      ...s.expose(other, 'second'),
    ];
  },
  judge: endpointIndependent('', 'udp').judge,
  instead: [{ ...REDRAWN, judge: (t, s) => redrawn(t, s, 'first', 'second', true) }],
};

const ERRORS: readonly IcmpErrorTraits[] = [
  { type: 3, code: 3 },
  { type: 3, code: 1 },
  { type: 3, code: 0 },
  { type: 3, code: 13 },
  { type: 11, code: 0 },
  { type: 12, code: 0 },
];

/** An ICMP error about step `first`, from the peer or from some router. */
export function icmpError(s: Try, extra: Partial<IcmpErrorTraits> = {}): ErrorStep {
  const { peer } = s.place(s.chance.a);
  const src =
    s.peerSide === 'nat'
      ? s.topology.gateway
      : s.pick(2) === 0
        ? peer.addr
        : (s.topology.servers[0] as Ipv4Addr);
  return { do: 'error', about: 'first', src, error: { ...errorOf(s), ...extra }, name: 'error' };
}

/** The error that chance has chosen. */
const errorOf = (s: Try): IcmpErrorTraits => ERRORS[s.pick(ERRORS.length)] as IcmpErrorTraits;

/** User mode's choice of errors. */
export const SOME_ERRORS: Instead = {
  who: ['user'],
  text: 'unreachables and time exceeded get in, other errors do not',
  judge: (t, s) => {
    const isPassed = errorOf(s).type !== ICMP_PARAMETERPROB;
    return errorIn(t, s, s.chance.a, 'error', 'the error', isPassed ? 1 : 0);
  },
};

const icmpSurvival: Law = {
  id: 'RFC 4787 REQ-12',
  meaning: 'No ICMP error ends a mapping',
  proto: 'udp',
  steps: (s) => [...s.expose(s.chance.a, 'first'), icmpError(s), s.inbound('first', 'after')],
  judge: (t, s) => letIn(t, s, s.chance.a, 'after', 'after an error'),
};

const icmpPasses: Law = {
  id: 'RFC 4787 REQ-12ab',
  meaning: 'ICMP errors from anywhere reach the host',
  proto: 'udp',
  steps: (s) => [...s.expose(s.chance.a, 'first'), icmpError(s)],
  judge: (t, s) => errorIn(t, s, s.chance.a, 'error', 'the error, about what the host sent'),
  instead: [SOME_ERRORS],
};

/** A payload that fits the inside's MTU and not the outside's. */
export const LARGE: Uint8Array = new Uint8Array(1440).fill(0x61);
export const narrow = (s: Try): Partial<Furnished> => ({
  topology: { ...s.topology, wanMtu: 1400 },
});

const tooBig: Law = {
  id: 'RFC 4787 REQ-13',
  meaning: 'Too big and DF: fragmentation needed',
  proto: 'udp',
  notFor: { redirect: NO_OUTSIDE },
  furnish: narrow,
  steps: (s) => s.expose(s.chance.a, 'first', { payload: LARGE, df: true }),
  judge: (t, s) => {
    if (t.of('first')?.sent[0] === undefined) return [];
    const what = 'an ICMP error 3/4';
    return [wants(t, 'first', 'inside', what, quotedInside(s, s.chance.a))];
  },
  instead: [
    {
      who: ['user'],
      text: 'DF is overlooked, and the host sends fragments',
      judge: (t, s) => [...nothing(t, 'first', 'inside'), ...twoFragments(t, s)],
    },
  ],
};

/** A large packet has come in two fragments. */
function twoFragments(t: Trace, s: Try): Check[] {
  const first = t.at('first', 'outside');
  const { peer } = s.place(s.chance.a);
  if (first === undefined)
    return [wants(t, 'first', 'outside', 'at the peer', ` > ${endText(peer, 'udp')}: `)];
  const rest = `${formatIpv4(first.src.addr)} > ${formatIpv4(peer.addr)}: `;
  return [
    wants(t, 'first', 'outside', 'the first fragment', lineOf(first)),
    wants(t, 'first', 'outside', 'the second one', rest),
  ];
}

const fragments: Law = {
  id: 'RFC 4787 REQ-13a',
  meaning: 'Too big without DF: fragments',
  proto: 'udp',
  notFor: { redirect: NO_OUTSIDE },
  furnish: narrow,
  steps: (s) => s.expose(s.chance.a, 'first', { payload: LARGE }),
  judge: twoFragments,
};

/** Tries in which the last piece comes before the others. */
const endsFirst = (s: Try): boolean => s.pick(2) === 0;

const outOfOrder: Law = {
  id: 'RFC 4787 REQ-14',
  meaning: 'Fragments may come out of order',
  proto: 'udp',
  steps: (s) => {
    const { inner, peer } = s.place(s.chance.a);
    const payload = new Uint8Array(80 + s.pick(32)).fill(0x62);
    const isDnat = s.subject === 'dnat';
    const [src, dst] = isDnat ? [peer, s.published('udp', peer)] : [inner, peer];
    const order = endsFirst(s) ? [2, 1, 0] : [1, 0, 2];
    return [
      {
        do: 'send',
        from: isDnat ? 'outside' : 'inside',
        packet: { proto: 'udp', src, dst, payload },
        pieces: { size: 40, order },
        name: 'first',
      },
    ];
  },
  judge: (t, s) => {
    if (s.subject === 'dnat') {
      const { inner } = s.place(s.chance.a);
      return [wants(t, 'first', 'inside', 'at the host', ` > ${endText(inner, 'udp')}: `)];
    }
    return letOut(t, s, s.chance.a, 'first', 'at the peer');
  },
  condition: {
    text: 'the last one is not the first to come',
    holds: (s) => s.subject !== 'user' || !endsFirst(s),
  },
  instead: [
    {
      who: ['user'],
      text: 'a packet whose last piece comes first is lost',
      judge: (t, s) => (endsFirst(s) ? nothing(t, 'first', 'outside') : []),
    },
  ],
};

/** In the order of the RFC. */
export const RFC4787: readonly Law[] = [
  endpointIndependent('RFC 4787 REQ-1', 'udp'),
  pooling,
  noOverloading('RFC 4787 REQ-3', 'udp'),
  portClass,
  parity,
  timer,
  timerSetting,
  timerDefault,
  refresh,
  overlap,
  addressDependentFiltering('RFC 4787 REQ-8', 'udp'),
  hairpinning('RFC 4787 REQ-9', 'udp'),
  externalSource,
  noHelpers,
  deterministic,
  icmpSurvival,
  icmpPasses,
  tooBig,
  fragments,
  outOfOrder,
];
