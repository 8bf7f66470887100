/** RFC 5508, NAT behaviour for ICMP (BCP 148). */
import type { Ipv4Addr } from '@labwire/core/addr';
import { type Check, lineOf, wants } from '../checks.ts';
import { approves, endText, errorIn, letIn, letOut, quotedInside } from '../judge.ts';
import type { Instead, Law, Try } from '../law.ts';
import { type IcmpErrorTraits, Seen } from '../packet.ts';
import type { Step } from '../steps.ts';
import type { Trace } from '../trace.ts';
import {
  endpointIndependent,
  HAIRPIN_REFUSED,
  hairpin,
  hairpinCondition,
  NO_OUTSIDE,
  STATIC,
} from './both.ts';
import { nothing, OUTER, SOURCE, silence } from './instead.ts';
import { icmpError, SOME_ERRORS } from './rfc4787.ts';

const NO_ECHO = 'the router itself answers what is redirected to it';
const OWN_ERRORS = 'errors about what is redirected are the router’s own';

const queries: Law = {
  id: 'RFC 5508 REQ-1',
  meaning: 'Queries from inside pass, and so do their answers',
  proto: 'icmp',
  notFor: { redirect: NO_ECHO },
  steps: (s) => [...s.expose(s.chance.a, 'first'), s.inbound('first', 'reply', queryBack(s))],
  judge: (t, s) => [
    ...letOut(t, s, s.chance.a, 'first', 'the query'),
    ...letIn(t, s, s.chance.a, 'reply', 'the answer'),
  ],
};

/** Behind DNAT the peer is who asks: it asks once more. */
function queryBack(s: Try): { readonly traits?: { readonly icmpType: number } } {
  return s.subject === 'dnat' ? { traits: { icmpType: 8 } } : {};
}

const queryTimer: Law = {
  id: 'RFC 5508 REQ-2',
  meaning: 'A query’s mapping lives for a minute at least',
  proto: 'icmp',
  notFor: { redirect: NO_ECHO },
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    { do: 'wait', seconds: silence(30, 58, s.chance.n).seconds },
    s.inbound('first', 'late', queryBack(s)),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'the answer within a minute'),
  instead: [
    {
      who: SOURCE,
      text: 'it ends after 30 seconds',
      judge: (t, s) => {
        const { seconds, isOver } = silence(30, 58, s.chance.n);
        return letIn(t, s, s.chance.a, 'late', `after ${seconds} seconds`, isOver ? 0 : 1);
      },
    },
  ],
};

/** An error of the inner host's about a packet of the peer's. */
function errorFromInside(s: Try, extra: Partial<IcmpErrorTraits> = {}): Step[] {
  const error = { type: 3, code: 3, ...extra };
  return [
    s.inbound('first', 'reply'),
    { do: 'error', about: 'reply', src: whoErrs(s), error, name: 'error out' },
  ];
}

/** Who inside sends it: the host itself, or some router. */
const whoErrs = (s: Try): Ipv4Addr =>
  s.pick(3) === 0 ? s.neighbourEnd(s.chance.a).addr : s.place(s.chance.a).inner.addr;

const isOutward = (s: Try): boolean => s.pick(2) === 1;

const messageSum: Law = {
  id: 'RFC 5508 REQ-3a',
  meaning: 'Errors with a wrong checksum are dropped',
  proto: 'udp',
  notFor: { redirect: OWN_ERRORS },
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    ...(isOutward(s) ? errorFromInside(s, { badSum: true }) : [icmpError(s, { badSum: true })]),
  ],
  judge: (t, s) => {
    if (!isOutward(s)) return errorIn(t, s, s.chance.a, 'error', 'a broken error', 0);
    const sent = t.of('error out')?.sent[0];
    if (sent === undefined) return [];
    return [wants(t, 'error out', 'outside', 'a broken error', lineOf(new Seen(sent)), 0)];
  },
  condition: {
    text: 'FORWARD drops what is INVALID',
    holds: (s) => s.subject !== 'user' && (!isOutward(s) || s.rules.dropInvalid),
  },
  instead: [
    {
      who: OUTER,
      text: 'outward it passes as it is, with the inner address',
      judge: (t, s) => {
        const p = t.at('error out', 'outside');
        if (p === undefined) return [];
        const ok = p.src.addr === whoErrs(s) && !p.sumsOk;
        return [approves(t, 'error out', 'outside', 'the error as it was sent', p, ok)];
      },
    },
  ],
};

const quotedSum: Law = {
  id: 'RFC 5508 REQ-3b',
  meaning: 'Errors that quote an IP header with a wrong checksum are dropped',
  proto: 'udp',
  notFor: { redirect: OWN_ERRORS },
  steps: (s) => [...s.expose(s.chance.a, 'first'), icmpError(s, { badQuotedSum: true })],
  judge: (t, s) => errorIn(t, s, s.chance.a, 'error', 'an error with a broken quote', 0),
  instead: [
    {
      who: OUTER,
      text: 'nobody looks at it, and it stays wrong',
      judge: (t, s) => {
        const p = t.at('error', 'inside');
        if (p === undefined) return errorIn(t, s, s.chance.a, 'error', 'the error');
        const ok = p.sumsOk && !p.quote.headerSumOk;
        return [approves(t, 'error', 'inside', 'its quote still broken', p, ok)];
      },
    },
    SOME_ERRORS,
  ],
};

const quotedOptions: Law = {
  id: 'RFC 5508 REQ-3c',
  meaning: 'IP options in the quoted packet are stepped over',
  proto: 'udp',
  notFor: { redirect: OWN_ERRORS },
  steps: (s) => [
    ...s.expose(s.chance.a, 'first', { options: Uint8Array.from([1, 1, 1, 0]) }),
    icmpError(s),
  ],
  judge: (t, s) => errorIn(t, s, s.chance.a, 'error', 'an error about a packet with options'),
  instead: [SOME_ERRORS],
};

const quotedTransportSum: Law = {
  id: 'RFC 5508 REQ-3d',
  meaning: 'The quoted transport’s checksum does not matter',
  proto: 'udp',
  notFor: { redirect: OWN_ERRORS },
  steps: (s) => [...s.expose(s.chance.a, 'first'), icmpError(s, { badQuotedTransportSum: true })],
  judge: (t, s) => errorIn(t, s, s.chance.a, 'error', 'the error all the same'),
  instead: [SOME_ERRORS],
};

/** An error that came to the inner host says what it said, with addresses that the host knows and checksums that are right. */
function rewritten(t: Trace, s: Try): Check[] {
  const sent = t.of('error')?.sent[0];
  const p = t.at('error', 'inside');
  if (sent === undefined || p === undefined) return [];
  const was = new Seen(sent);
  const same = p.icmpType === was.icmpType && p.icmpCode === was.icmpCode;
  const ok = same && p.sumsOk && p.dst.addr === s.place(s.chance.a).inner.addr;
  return [approves(t, 'error', 'inside', 'type, code, addresses and checksums', p, ok)];
}

const translatedIn: Law = {
  id: 'RFC 5508 REQ-4',
  meaning: 'Errors from outside: translated with their quotes, dropped without a mapping',
  proto: 'udp',
  notFor: { redirect: OWN_ERRORS },
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    ...(isOutward(s) ? [{ do: 'wait', seconds: 301 } as const] : []),
    icmpError(s),
  ],
  judge: (t, s) =>
    isOutward(s)
      ? errorIn(t, s, s.chance.a, 'error', 'an error about a flow that is over', 0)
      : [
          ...errorIn(t, s, s.chance.a, 'error', 'the error, about what the host sent'),
          ...rewritten(t, s),
        ],
};

/** User mode has no socket that would send an ICMP error. */
const LOST: Omit<Instead, 'judge'> = { who: ['user'], text: 'a guest’s errors are lost' };

const translatedOut: Law = {
  id: 'RFC 5508 REQ-5',
  meaning: 'Errors from inside: translated with their quotes, from the outer address',
  proto: 'udp',
  notFor: { redirect: OWN_ERRORS },
  steps: (s) => [...s.expose(s.chance.a, 'first'), ...errorFromInside(s)],
  judge: (t, s) => {
    const about = t.of('reply')?.sent[0];
    const outer = s.seen(t, 'first');
    if (about === undefined || outer === undefined) return [];
    const line = `${new Seen(about).ends}:`;
    const p = t.at('error out', 'outside');
    const ok = p !== undefined && p.src.addr === outer.addr && p.sumsOk;
    return [
      wants(t, 'error out', 'outside', 'the error, about what the peer sent', line),
      ...(p === undefined
        ? []
        : [approves(t, 'error out', 'outside', 'from the outer address', p, ok)]),
    ];
  },
  instead: [{ ...LOST, judge: (t) => nothing(t, 'error out', 'outside') }],
};

/** Longer than half of a life, and shorter than a whole one. */
const someTime = (s: Try): number => (s.subject === 'user' ? 150 : 18) + s.pick(8);

const noRefresh: Law = {
  id: 'RFC 5508 REQ-6',
  meaning: 'Errors do not keep a mapping alive',
  proto: 'udp',
  notFor: { dnat: STATIC },
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    { do: 'wait', seconds: someTime(s) },
    icmpError(s),
    { do: 'wait', seconds: someTime(s) + (s.subject === 'user' ? 10 : 0) },
    s.inbound('first', 'late'),
  ],
  judge: (t, s) => letIn(t, s, s.chance.a, 'late', 'an answer to a mapping that is over', 0),
};

export const hairpinError: Law = {
  id: 'RFC 5508 REQ-7',
  meaning: 'Hairpinned errors reach the host inside',
  proto: 'udp',
  notFor: { redirect: NO_OUTSIDE },
  steps: (s) => [
    ...s.expose(s.chance.a, 'first'),
    hairpin(s),
    {
      do: 'error',
      about: 'hairpin',
      src: s.place(s.chance.a).inner.addr,
      error: { type: 3, code: 3 },
      name: 'error',
    },
  ],
  judge: (t, s) => {
    const outer = s.seen(t, 'first');
    if (outer === undefined || t.of('hairpin')?.sent[0] === undefined) return [];
    const from = endText(s.neighbourEnd(s.chance.a), 'udp');
    const line = `${from} > ${endText(outer, 'udp')}:`;
    return [wants(t, 'error', 'inside', 'the error, about what was sent', line)];
  },
  condition: hairpinCondition,
  instead: [
    HAIRPIN_REFUSED,
    {
      ...LOST,
      judge: (t) => [...nothing(t, 'error', 'inside'), ...nothing(t, 'error', 'outside')],
    },
  ],
};

const noRoom: Law = {
  id: 'RFC 5508 REQ-8',
  meaning: 'Without a port to spare the sender is told (ICMP 3/13)',
  proto: 'udp',
  notFor: {
    dnat: 'it needs no ports',
    redirect: 'it needs no ports',
    user: 'its ports are the host’s',
  },
  needsRules: true,
  furnish: () => ({ rules: { onePort: true, pool: false } }),
  steps: (s) => {
    const { a } = s.chance;
    return [...s.expose(a, 'first'), ...s.expose(s.neighbour(a), 'second')];
  },
  judge: (t, s) => [
    wants(t, 'second', 'inside', 'an ICMP error', quotedInside(s, s.neighbour(s.chance.a))),
  ],
  instead: [
    {
      who: SOURCE,
      text: 'the packet is dropped without a word',
      judge: (t) => [...nothing(t, 'second', 'outside'), ...nothing(t, 'second', 'inside')],
    },
  ],
};

const policy: Law = {
  id: 'RFC 5508 REQ-9',
  meaning: 'ICMP can be suppressed by rules',
  proto: 'udp',
  notFor: { redirect: OWN_ERRORS, user: 'it has no rules' },
  furnish: () => ({ router: ['iptables -I FORWARD -p icmp -j DROP'] }),
  steps: (s) => [...s.expose(s.chance.a, 'first'), icmpError(s)],
  judge: (t, s) => errorIn(t, s, s.chance.a, 'error', 'an error that a rule drops', 0),
};

const routerErrors: Law = {
  id: 'RFC 5508 REQ-10',
  meaning: 'The router makes the errors of any router (here: time exceeded)',
  proto: 'udp',
  notFor: { redirect: 'nothing is forwarded' },
  steps: (s) => s.expose(s.chance.a, 'first', { ttl: 1 }),
  judge: (t, s) =>
    t.of('first')?.sent[0] === undefined
      ? []
      : [wants(t, 'first', 'inside', 'time exceeded', quotedInside(s, s.chance.a))],
};

const otherIcmp: Law = {
  id: 'RFC 5508 REQ-11',
  meaning: 'Other kinds of ICMP may be dropped, and disturb nothing',
  proto: 'icmp',
  notFor: { redirect: NO_ECHO },
  steps: (s) => {
    const icmpType = [37, 40, 30, 42][s.pick(4)] as number;
    const { inner, peer } = s.place(s.chance.a);
    return [
      {
        do: 'send',
        from: 'inside',
        packet: { proto: 'icmp', src: inner, dst: peer, icmpType },
        name: 'other',
      },
      ...s.expose(s.chance.a, 'first'),
      s.inbound('first', 'reply', queryBack(s)),
    ];
  },
  judge: (t, s) => letIn(t, s, s.chance.a, 'reply', 'the answer to a query after it'),
};

/** In the order of the RFC. */
export const RFC5508: readonly Law[] = [
  queries,
  { ...endpointIndependent('RFC 5508 REQ-1a', 'icmp'), notFor: { redirect: NO_ECHO } },
  queryTimer,
  messageSum,
  quotedSum,
  quotedOptions,
  quotedTransportSum,
  translatedIn,
  translatedOut,
  noRefresh,
  hairpinError,
  noRoom,
  policy,
  routerErrors,
  otherIcmp,
];
