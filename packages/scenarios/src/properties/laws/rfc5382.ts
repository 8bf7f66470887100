/** RFC 5382, NAT behaviour for TCP (BCP 142). */
import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { utf8Encode } from '@labwire/core/bytes';
import { TCPHDR_ACK, TCPHDR_PSH, TCPHDR_SYN } from '@labwire/core/wire';
import { type Check, wants } from '../checks.ts';
import { approves, endText, errorIn, letIn, letOut } from '../judge.ts';
import type { Law, Try } from '../law.ts';
import type { IcmpErrorTraits } from '../packet.ts';
import type { ErrorStep } from '../steps.ts';
import type { Trace } from '../trace.ts';
import {
  addressDependentFiltering,
  endpointIndependent,
  hairpinning,
  NO_OUTSIDE,
  noOverloading,
} from './both.ts';
import { MAPPED, nothing, OUTER, refused, type Silence, silence } from './instead.ts';

const DATA = { flags: TCPHDR_PSH | TCPHDR_ACK, payload: utf8Encode('data') };

const simultaneousOpen: Law = {
  id: 'RFC 5382 REQ-2',
  meaning: 'All valid openings pass, SYNs that cross too',
  proto: 'tcp',
  notFor: { redirect: NO_OUTSIDE },
  steps: (s) => {
    const synAck = { flags: TCPHDR_SYN | TCPHDR_ACK };
    const { inner, peer } = s.place(s.chance.a);
    const seq = s.subject === 'dnat' ? 1000 : 5000;
    return [
      ...s.expose(s.chance.a, 'first', { flags: TCPHDR_SYN, seq: 1000, ack: 0 }),
      s.inbound('first', 'crossing', { traits: { flags: TCPHDR_SYN, seq, ack: 0 } }),
      {
        do: 'send',
        from: 'inside',
        packet: { proto: 'tcp', src: inner, dst: peer, ...synAck, seq: 1000, ack: seq + 1 },
        name: 'ours',
      },
      s.inbound('first', 'theirs', { traits: { ...synAck, seq, ack: 1001 } }),
    ];
  },
  judge: (t, s) => [
    ...letOut(t, s, s.chance.a, 'first', 'the SYN'),
    ...letIn(t, s, s.chance.a, 'crossing', 'a SYN that crosses'),
    ...(s.subject === 'user'
      ? []
      : letOut(t, s, s.chance.a, 'ours', 'the SYN and ACK that answers it')),
    ...letIn(t, s, s.chance.a, 'theirs', 'the peer’s SYN and ACK'),
  ],
  instead: [
    {
      who: ['user'],
      text: 'the host’s kernel answers the SYN that crosses, and the guest is told nothing of it',
      judge: (t) => [
        wants(t, 'crossing', 'outside', 'a SYN and ACK of the host’s', 'Flags [S.]'),
        ...nothing(t, 'crossing', 'inside'),
      ],
    },
  ],
};

/** A port of the router’s that nobody has. */
const unusedPort = (s: Try): number => 46_000 + s.pick(1000);

const unsolicited: Law = {
  id: 'RFC 5382 REQ-4',
  meaning: 'A SYN that nobody asked for is not answered for six seconds',
  proto: 'tcp',
  notFor: { redirect: NO_OUTSIDE },
  steps: (s) => {
    const src = s.place(s.chance.a).peer;
    const dst = { addr: s.outer, port: unusedPort(s) };
    return [
      { do: 'send', from: 'outside', packet: { proto: 'tcp', src, dst }, name: 'first' },
      { do: 'wait', seconds: 6 },
    ];
  },
  judge: (t, s) => {
    const from = endText({ addr: s.outer, port: unusedPort(s) }, 'tcp');
    return [wants(t, 'first', 'outside', 'a reset', `${from} > `, 0)];
  },
  condition: {
    text: 'INPUT drops what was not asked for',
    holds: (s) => s.subject !== 'user' && s.rules.dropInput,
  },
  instead: [
    {
      who: [...OUTER, 'user'],
      text: 'a reset answers it at once',
      judge: (t, s) => refused(t, s, 'first', 'outside'),
    },
  ],
};

const established: Law = {
  id: 'RFC 5382 REQ-5',
  meaning: 'An idle connection lives for 2 hours and 4 minutes at least',
  proto: 'tcp',
  steps: (s) => [
    ...s.connect(s.chance.a),
    { do: 'wait', seconds: 7440 + s.pick(400_000) },
    s.inbound('open', 'late', { traits: DATA }),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'data after 2 hours and 4 minutes'),
};

/** A silence around the end of a connection half open: the kernel's tracking keeps it for 120 seconds, user mode for 75. */
const halfOpenSilence = (s: Try): Silence =>
  silence(s.subject === 'user' ? 75 : 120, 235, s.chance.n);

const halfOpen: Law = {
  id: 'RFC 5382 REQ-5t',
  meaning: 'A connection half open or half closed lives for 4 minutes at least',
  proto: 'tcp',
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    { do: 'wait', seconds: halfOpenSilence(s).seconds, name: 'silence' },
    s.inbound('first', 'late'),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'the answer within four minutes'),
  instead: [
    {
      who: MAPPED,
      text: 'a connection half open ends after 120 seconds',
      judge: (t, s) => {
        const { seconds, isOver } = halfOpenSilence(s);
        return letIn(t, s, s.chance.a, 'late', `after ${seconds} seconds`, isOver ? 0 : 1);
      },
    },
    {
      who: ['user'],
      text: 'the guest is reset after 75 seconds',
      judge: (t, s) => resetInside(t, s, 'silence', halfOpenSilence(s).isOver ? 1 : 0),
    },
  ],
};

/** A reset from the peer's end comes to the guest. */
function resetInside(t: Trace, s: Try, step: string, wanted = 1): Check[] {
  const { inner, peer } = s.place(s.chance.a);
  const line = `${endText(peer, 'tcp')} > ${endText(inner, 'tcp')}: Flags [R.]`;
  return [wants(t, step, 'inside', 'a reset', line, wanted)];
}

const noHelpers: Law = {
  id: 'RFC 5382 REQ-6',
  meaning: 'Payloads are left alone (no ALG by default)',
  proto: 'tcp',
  steps: (s) => {
    const a = { ...s.chance.a, dport: [21, 6667, 554][s.pick(3)] as number };
    const host = formatIpv4(s.place(a).inner.addr);
    const payload = utf8Encode(`PORT ${host.replaceAll('.', ',')},7,208\r\n`);
    const traits = { flags: TCPHDR_PSH | TCPHDR_ACK, payload };
    return [
      ...s.connect(a),
      {
        do: 'answer',
        to: s.subject === 'dnat' ? 'opened' : s.subject === 'user' ? 'open' : 'syn-ack',
        at: 'inside',
        traits,
        name: 'said',
      },
    ];
  },
  judge: (t, s) => {
    const sent = t.of('said')?.sent[0];
    if (sent === undefined) return [];
    const text = String(sent.slice(40));
    const p = t.all('said', s.peerSide).find((x) => x.payload.length > 0);
    if (p === undefined) return [wants(t, 'said', s.peerSide, 'what was said', 'Flags [P.]')];
    return [approves(t, 'said', s.peerSide, 'what was said', p, String(p.payload) === text)];
  },
};

const HARD: readonly IcmpErrorTraits[] = [
  { type: 3, code: 3 },
  { type: 3, code: 2 },
  { type: 3, code: 1 },
  { type: 3, code: 0 },
  { type: 3, code: 13 },
];

function unreachable(s: Try): ErrorStep {
  const src = s.peerSide === 'nat' ? s.topology.gateway : (s.topology.servers[0] as Ipv4Addr);
  const error = HARD[s.pick(HARD.length)] as IcmpErrorTraits;
  return { do: 'error', about: 'first', src, error, name: 'error' };
}

const unreachables: Law = {
  id: 'RFC 5382 REQ-9',
  meaning: 'ICMP unreachables are translated and reach the host',
  proto: 'tcp',
  steps: (s) => [...s.expose(s.chance.a, 'first'), unreachable(s)],
  judge: (t, s) => errorIn(t, s, s.chance.a, 'error', 'the error, about what the host sent'),
  instead: [
    {
      who: ['user'],
      text: 'a reset tells the guest',
      judge: (t, s) => resetInside(t, s, 'error'),
    },
  ],
};

const survival: Law = {
  id: 'RFC 5382 REQ-10',
  meaning: 'No ICMP error ends a mapping or a connection',
  proto: 'tcp',
  steps: (s) => [...s.expose(s.chance.a, 'first'), unreachable(s), s.inbound('first', 'after')],
  judge: (t, s) => letIn(t, s, s.chance.a, 'after', 'the answer after an error'),
  instead: [
    {
      who: ['user'],
      text: 'the error ends a connection half open: the guest and the peer are reset',
      judge: (t, s) => [...resetInside(t, s, 'error'), ...refused(t, s, 'after', 'outside')],
    },
  ],
};

/** In the order of the RFC. */
export const RFC5382: readonly Law[] = [
  endpointIndependent('RFC 5382 REQ-1', 'tcp'),
  simultaneousOpen,
  addressDependentFiltering('RFC 5382 REQ-3', 'tcp'),
  unsolicited,
  established,
  halfOpen,
  noHelpers,
  noOverloading('RFC 5382 REQ-7', 'tcp'),
  hairpinning('RFC 5382 REQ-8', 'tcp'),
  unreachables,
  survival,
];
