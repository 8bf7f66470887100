/** RFC 7857, updates to the three others. Its requirements are sections. */
import { utf8Encode } from '@labwire/core/bytes';
import { TCPHDR_ACK, TCPHDR_FIN, TCPHDR_PSH, TCPHDR_RST, TCPHDR_SYN } from '@labwire/core/wire';
import { type Check, lineWith, wants } from '../checks.ts';
import { approves, letIn, letOut, sameOuterEnd } from '../judge.ts';
import type { Law, Try } from '../law.ts';
import type { AnswerStep } from '../steps.ts';
import type { Trace } from '../trace.ts';
import { NO_OUTSIDE, NO_SOURCE, ONE_ADDRESS, STATIC, UNCROWDED } from './both.ts';
import {
  hostsPort,
  MAPPED,
  REDRAWN,
  redrawn,
  refused,
  type Silence,
  SOURCE,
  silence,
} from './instead.ts';
import { LARGE, narrow, pooling } from './rfc4787.ts';
import { hairpinError } from './rfc5508.ts';

const DATA = { flags: TCPHDR_PSH | TCPHDR_ACK, payload: utf8Encode('data') };
const FIN = { flags: TCPHDR_FIN | TCPHDR_ACK };
const SYN = { traits: { flags: TCPHDR_SYN } };
const RST = { flags: TCPHDR_RST | TCPHDR_ACK };

/** What the host inside says on a connection that has just been opened. */
function says(s: Try, traits: AnswerStep['traits'], name: string): AnswerStep {
  const to = s.subject === 'dnat' ? 'opened' : s.subject === 'user' ? 'open' : 'syn-ack';
  return { do: 'answer', to, at: 'inside', name, ...(traits === undefined ? {} : { traits }) };
}

const tracking: Law = {
  id: 'RFC 7857 §2',
  meaning: 'TCP is tracked: one side’s FIN does not end it for the other',
  proto: 'tcp',
  steps: (s) => [
    ...s.connect(s.chance.a),
    says(s, FIN, 'fin'),
    { do: 'wait', seconds: 10 + s.pick(45) },
    s.inbound('open', 'data', { traits: DATA }),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'data', 'data after our FIN'),
};

/** Silences around the end of a connection half closed, and of one that was reset. */
const closingSilence = (s: Try): Silence => silence(120, 232, s.chance.n);
const resetSilence = (s: Try): Silence => silence(10, 212, s.chance.n);

/** Data of the peer's after a silence comes in or does not, as the silence is. */
function dataByLife(t: Trace, s: Try, { seconds, isOver }: Silence): Check[] {
  return letIn(t, s, s.chance.a, 'data', `data after ${seconds} seconds`, isOver ? 0 : 1);
}

const closing: Law = {
  id: 'RFC 7857 §2.1',
  meaning: 'Timers for opening and closing, by default four minutes',
  proto: 'tcp',
  steps: (s) => [
    ...s.connect(s.chance.a),
    says(s, FIN, 'fin'),
    { do: 'wait', seconds: closingSilence(s).seconds },
    s.inbound('open', 'data', { traits: DATA }),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'data', 'data within four minutes of our FIN'),
  instead: [
    {
      who: MAPPED,
      text: 'a connection half closed ends after 120 seconds',
      judge: (t, s) => dataByLife(t, s, closingSilence(s)),
    },
  ],
};

const reset: Law = {
  id: 'RFC 7857 §2.2',
  meaning: 'An RST is passed on, and its mapping kept for four minutes',
  proto: 'tcp',
  notFor: { redirect: 'the router’s resets are its own' },
  steps: (s) => [
    ...s.connect(s.chance.a),
    s.inbound('open', 'reset', { traits: RST }),
    { do: 'wait', seconds: resetSilence(s).seconds },
    s.inbound('open', 'data', { traits: DATA }),
  ],
  judge: (t, s) => {
    const reached = t.all('reset', 'inside').length > 0;
    if (!reached) return letIn(t, s, s.chance.a, 'reset', 'the RST');
    return letIn(t, s, s.chance.a, 'data', 'data after the RST');
  },
  instead: [
    {
      who: SOURCE,
      text: 'its mapping ends after ten seconds',
      judge: (t, s) => [
        ...letIn(t, s, s.chance.a, 'reset', 'the RST'),
        ...dataByLife(t, s, resetSilence(s)),
      ],
    },
    {
      who: ['user'],
      text: 'the guest is reset, and so is the peer when it speaks again',
      judge: (t, s) => [
        wants(t, 'reset', 'inside', 'a reset', 'Flags [R.]'),
        ...refused(t, s, 'data', 'outside'),
      ],
    },
  ],
};

const overlapping: Law = {
  id: 'RFC 7857 §3',
  meaning: 'An outer end may be shared, but never toward the same peer',
  proto: 'udp',
  notFor: { dnat: 'one rule leads to one host', redirect: NO_SOURCE },
  steps: (s) => [
    ...s.crowd(),
    ...s.expose(s.chance.a, 'first'),
    ...s.expose(s.neighbour(s.chance.a), 'second'),
  ],
  judge: (t, s) => {
    const neighbour = s.neighbour(s.chance.a);
    const arrived = letOut(t, s, neighbour, 'second', 'at the peer');
    const [one, two] = [t.at('first', s.peerSide), t.at('second', s.peerSide)];
    if (one === undefined || two === undefined) return arrived;
    const shared = lineWith(two, { src: one.src });
    return [...arrived, wants(t, 'second', s.peerSide, 'an outer end of its own', shared, 0)];
  },
};

const pairedPooling: Law = {
  ...pooling,
  id: 'RFC 7857 §4',
  meaning: 'One outer address for a host, whatever the transport',
  notFor: { masquerade: ONE_ADDRESS, dnat: ONE_ADDRESS, redirect: NO_SOURCE, user: ONE_ADDRESS },
  steps: (s) => [
    ...s.expose(s.chance.a, 'first', {}, 'udp'),
    ...s.expose({ ...s.chance.a, server: s.chance.a.server + 1 }, 'second', {}, 'tcp'),
  ],
};

/** What a try of both transports speaks of: one of them, the other, or one after the other. */
const transportsOf = (s: Try): readonly ('udp' | 'tcp')[] =>
  ([['udp'], ['tcp'], ['udp', 'tcp']] as const)[Math.floor(s.chance.n / 6) % 3] ?? [];

const mappingOfBoth: Law = {
  id: 'RFC 7857 §5',
  meaning: 'Mapping is endpoint-independent for UDP and TCP alike',
  proto: 'udp',
  steps: (s) => {
    const { a } = s.chance;
    return [
      ...s.crowd(),
      ...transportsOf(s).flatMap((proto) => [
        ...s.expose(a, proto, {}, proto),
        ...s.expose(s.elsewhere(a), `${proto} elsewhere`, {}, proto),
      ]),
    ];
  },
  judge: (t, s) => [
    ...sameOuterEnd(t, s, 'udp', 'udp elsewhere'),
    ...sameOuterEnd(t, s, 'tcp', 'tcp elsewhere'),
  ],
  condition: UNCROWDED,
  instead: [
    {
      ...REDRAWN,
      judge: (t, s) => [
        ...redrawn(t, s, 'udp', 'udp elsewhere'),
        ...redrawn(t, s, 'tcp', 'tcp elsewhere', false),
      ],
    },
    {
      who: ['user'],
      text: 'datagrams of one port share a port of the host’s, each connection has its own',
      judge: (t, s) => [
        ...sameOuterEnd(t, s, 'udp', 'udp elsewhere'),
        ...hostsPort(t, s, 'tcp elsewhere'),
      ],
    },
  ],
};

const filteringOfBoth: Law = {
  id: 'RFC 7857 §6',
  meaning: 'Filtering is endpoint-independent for UDP and TCP alike',
  proto: 'udp',
  notFor: { redirect: NO_OUTSIDE },
  steps: (s) => {
    const { a } = s.chance;
    const src = { port: 33_333 };
    return transportsOf(s).flatMap((proto) => [
      ...s.expose(a, proto, {}, proto),
      s.inbound(proto, `${proto} stranger`, { src, ...(proto === 'tcp' ? SYN : {}) }),
    ]);
  },
  judge: (t, s) => [
    ...letIn(t, s, s.chance.a, 'udp stranger', 'a stranger’s datagram'),
    ...letIn(t, s, s.chance.a, 'tcp stranger', 'a stranger’s SYN'),
  ],
  instead: [
    {
      who: SOURCE,
      text: 'what strangers send is for the router itself, which refuses it unless INPUT drops it',
      judge: (t, s) => [
        ...refused(t, s, 'udp stranger', 'outside'),
        ...refused(t, s, 'tcp stranger', 'outside'),
      ],
    },
    {
      who: ['user'],
      text: 'strangers’ datagrams get in, their connections are refused by the host',
      judge: (t, s) => [
        ...letIn(t, s, s.chance.a, 'udp stranger', 'a stranger’s datagram'),
        ...refused(t, s, 'tcp stranger', 'outside'),
      ],
    },
  ],
};

const inboundRefresh: Law = {
  id: 'RFC 7857 §7',
  meaning: 'What comes from outside does not keep a mapping alive',
  proto: 'udp',
  notFor: { dnat: STATIC },
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    { do: 'wait', seconds: 18 + s.pick(6) },
    s.inbound('first', 'second'),
    { do: 'wait', seconds: 18 + s.pick(6) },
    s.inbound('first', 'third'),
    { do: 'wait', seconds: 110 },
    s.inbound('first', 'fourth'),
    { do: 'wait', seconds: 110 },
    s.inbound('first', 'fifth'),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'fifth', 'four minutes after the host last spoke', 0),
  instead: [
    {
      who: [...MAPPED, 'user'],
      text: 'every datagram of the peer’s gives it time',
      judge: (t, s) =>
        ['second', 'third', 'fourth', 'fifth'].flatMap((name) =>
          letIn(t, s, s.chance.a, name, 'what the peer said'),
        ),
    },
  ],
};

const errorsOut: Law = {
  id: 'RFC 7857 §8',
  meaning: 'A host’s ICMP errors and RSTs do not keep a mapping alive',
  proto: 'udp',
  notFor: { dnat: STATIC },
  steps: (s) => {
    const half = (s.subject === 'user' ? 150 : 18) + s.pick(8);
    const { inner } = s.place(s.chance.a);
    return [
      ...s.expose(s.chance.a, 'first'),
      s.inbound('first', 'reply'),
      { do: 'wait', seconds: half },
      {
        do: 'error',
        about: 'reply',
        src: inner.addr,
        error: { type: 3, code: 3 },
        name: 'error out',
      },
      { do: 'wait', seconds: half + (s.subject === 'user' ? 10 : 0) },
      s.inbound('first', 'late'),
    ];
  },
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'an answer to a mapping that is over', 0),
};

const resetOut: Law = {
  id: 'RFC 7857 §8 RST',
  meaning: 'A host’s RST does not keep a connection alive',
  proto: 'tcp',
  notFor: { dnat: STATIC },
  steps: (s) => [
    ...s.connect(s.chance.a),
    says(s, RST, 'reset'),
    { do: 'wait', seconds: 12 + s.pick(200) },
    s.inbound('open', 'late', { traits: DATA }),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'data after our RST', 0),
};

const parityOff: Law = {
  id: 'RFC 7857 §9',
  meaning: 'Parity need not be kept: a port of either kind will do',
  proto: 'udp',
  notFor: { dnat: 'its rule names both ports', redirect: NO_SOURCE },
  steps: (s) => [...s.expose(s.chance.a, 'first'), ...s.expose(s.neighbour(s.chance.a), 'second')],
  judge: (t, s) => letOut(t, s, s.neighbour(s.chance.a), 'second', 'at the peer'),
};

const randomPorts: Law = {
  id: 'RFC 7857 §10',
  meaning: 'A port that is not kept cannot be foretold',
  proto: 'udp',
  notFor: { dnat: 'its rule names both ports', redirect: NO_SOURCE },
  steps: (s) => {
    const { a } = s.chance;
    const { hosts } = s.topology;
    return [0, 1, 2, 3].flatMap((i) =>
      s.expose(
        { ...a, host: i % hosts.length, port: i < hosts.length ? a.port : a.port + 2 },
        `flow ${i}`,
      ),
    );
  },
  judge: (t, s) => {
    const kept = s.place(s.chance.a).inner.port;
    const ports = [0, 1, 2, 3]
      .map((i) => t.at(`flow ${i}`, s.peerSide))
      .filter((p) => p !== undefined && p.src.port !== kept && p.src.port !== kept + 2);
    return ports.slice(1).map((p, i) => {
      const before = ports[i]?.src.port ?? 0;
      const step = t.steps.find((x) => x.arrivals.some((a) => a.packet === p))?.step.name ?? '';
      const ok = Math.abs((p?.src.port ?? 0) - before) > 1;
      return approves(t, step, s.peerSide, 'no neighbour of the port before', p as never, ok);
    });
  },
};

const identification: Law = {
  id: 'RFC 7857 §11',
  meaning: 'Fragments of two hosts never share an identification (RFC 6864)',
  proto: 'udp',
  notFor: { dnat: 'one rule leads to one host', redirect: NO_OUTSIDE },
  furnish: narrow,
  steps: (s) => {
    const traits = s.pick(3) === 0 ? { payload: LARGE, id: 77 } : { id: 77 };
    return [
      ...s.expose(s.chance.a, 'first', traits),
      ...s.expose(s.neighbour(s.chance.a), 'second', traits),
    ];
  },
  judge: (t, s) => {
    const [one, two] = [t.at('first', s.peerSide), t.at('second', s.peerSide)];
    if (one === undefined || two === undefined) return [];
    const alike = one.id === two.id && one.src.addr === two.src.addr && one.isFragment;
    return [approves(t, 'second', s.peerSide, 'an identification of its own', two, !alike)];
  },
  condition: {
    text: 'nothing is fragmented',
    holds: (s) => s.subject !== 'user' && s.pick(3) !== 0,
  },
  instead: [
    {
      who: SOURCE,
      text: 'identifications stay as hosts set them',
      judge: (t, s) => {
        const p = t.at('second', s.peerSide);
        return p === undefined
          ? []
          : [approves(t, 'second', s.peerSide, 'its own identification', p, p.id === 77)];
      },
    },
  ],
};

const queryEnd: Law = {
  id: 'RFC 7857 §12',
  meaning: 'A query’s mapping may go with its last query',
  proto: 'icmp',
  notFor: { redirect: 'the router itself answers what is redirected to it' },
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    { do: 'wait', seconds: 32 + s.pick(100) },
    ...s.expose(s.chance.a, 'again'),
  ],
  judge: (t, s) => letOut(t, s, s.chance.a, 'again', 'the next query'),
};

/** In the order of the RFC. */
export const RFC7857: readonly Law[] = [
  tracking,
  closing,
  reset,
  overlapping,
  pairedPooling,
  mappingOfBoth,
  filteringOfBoth,
  inboundRefresh,
  errorsOut,
  resetOut,
  parityOff,
  randomPorts,
  identification,
  queryEnd,
  { ...hairpinError, id: 'RFC 7857 §13', meaning: 'ICMP is hairpinned: errors, as RFC 5508 asks' },
];
