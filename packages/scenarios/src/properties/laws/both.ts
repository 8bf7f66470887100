/** What RFC 4787, 5382 and 5508 ask in much the same words, each for its own transport. */
import { lineWith, wants } from '../checks.ts';
import { approves, endText, letIn, sameOuterEnd } from '../judge.ts';
import type { Instead, Law, Try } from '../law.ts';
import type { PacketTraits, Proto } from '../packet.ts';
import type { Step } from '../steps.ts';
import { hostsPort, OUTER, REDRAWN, refused, SOURCE } from './instead.ts';

/** Why some laws say nothing about some subjects. */
export const NO_SOURCE = 'it leaves sources alone';
export const NO_OUTSIDE = 'nobody outside takes part';
export const ONE_ADDRESS = 'it has one outer address';
export const STATIC = 'the rule itself is a mapping that never ends';

/** When a mapping serves toward a second peer, too. */
export const UNCROWDED: NonNullable<Law['condition']> = {
  text: 'no other host uses its port toward the second peer',
  holds: (s) => SOURCE.includes(s.subject) && !s.isCrowded,
};

/** What user mode does with connections. */
const OWN_PORT: Instead = {
  who: ['user'],
  text: 'each connection has a port of its own, of the host’s range',
  judge: (t, s) => hostsPort(t, s, 'second'),
};

/** Endpoint-independent mapping. */
export function endpointIndependent(id: string, proto: Proto): Law {
  return {
    id,
    meaning:
      proto === 'icmp'
        ? 'The mapping of a query’s identifier does not depend on whom it asks'
        : 'Endpoint-independent mapping',
    proto,
    steps: (s) => [
      ...s.crowd(),
      ...s.expose(s.chance.a, 'first'),
      ...s.expose(s.elsewhere(s.chance.a), 'second'),
    ],
    judge: (t, s) => sameOuterEnd(t, s, 'first', 'second'),
    condition: UNCROWDED,
    instead: [
      proto === 'icmp'
        ? { ...REDRAWN, text: 'where another host asks the same peer with it, any other is drawn' }
        : REDRAWN,
      ...(proto === 'tcp' ? [OWN_PORT] : []),
    ],
  };
}

/** No port overloading. */
export function noOverloading(id: string, proto: Proto): Law {
  return {
    id,
    meaning: 'Two hosts never share an outer end',
    proto,
    notFor: { dnat: 'one rule leads to one host', redirect: NO_SOURCE },
    steps: (s) => [
      ...s.expose(s.chance.a, 'first'),
      ...s.expose(s.neighbour(s.elsewhere(s.chance.a)), 'second'),
    ],
    judge: (t, s) => {
      const [one, two] = [t.at('first', s.peerSide), t.at('second', s.peerSide)];
      if (one === undefined || two === undefined) return [];
      return [
        wants(t, 'second', s.peerSide, 'another outer end', lineWith(two, { src: one.src }), 0),
      ];
    },
    instead: [
      {
        who: SOURCE,
        text: 'both keep their port, toward different peers',
        judge: (t, s) => {
          const p = t.at('second', s.peerSide);
          if (p === undefined) return [];
          const ok = p.src.port === s.place(s.chance.a).inner.port;
          return [approves(t, 'second', s.peerSide, 'the inner port', p, ok)];
        },
      },
    ],
  };
}

/** At least address-dependent filtering: the peer's other ports get in. */
export function addressDependentFiltering(id: string, proto: Proto): Law {
  return {
    id,
    meaning: 'Whoever was written to gets in, from any of its ports',
    proto,
    notFor: { redirect: NO_OUTSIDE },
    steps: (s) => {
      const { port } = s.place(s.chance.a).peer;
      const traits = proto === 'tcp' ? { flags: 0x02 } : {};
      return [
        ...s.expose(s.chance.a, 'first'),
        s.inbound('first', 'other port', { src: { port: port + 2 }, traits }),
      ];
    },
    judge: (t, s) => letIn(t, s, s.chance.a, 'other port', 'from another port of the peer'),
    instead: [
      {
        who: proto === 'tcp' ? [...SOURCE, 'user'] : SOURCE,
        text: 'what comes from there is for the router itself, which refuses it unless INPUT drops it',
        judge: (t, s) => refused(t, s, 'other port', 'outside'),
      },
    ],
  };
}

/** A neighbour's packet to a host's outer end, which step `first` has shown. */
export function hairpin(s: Try): Step {
  const src = s.neighbourEnd(s.chance.a);
  return {
    do: 'answer',
    to: 'first',
    at: s.peerSide,
    from: 'inside',
    src,
    traits: hairpinTraits(s),
    name: 'hairpin',
  };
}

function hairpinTraits({ proto }: Try): PacketTraits {
  return proto === 'tcp' ? { flags: 0x02 } : proto === 'icmp' ? { icmpType: 8 } : {};
}

export const hairpinCondition: NonNullable<Law['condition']> = {
  text: 'the rules translate both ends of what comes from inside',
  holds: (s: Try) => s.subject === 'dnat' && s.rules.hairpin,
};

/** Without such rules, the router has no such port itself. */
export const HAIRPIN_REFUSED: Instead = {
  who: OUTER,
  text: 'the packet is for the router itself, which refuses it',
  judge: (t, s) => (hairpinCondition.holds(s) ? [] : refused(t, s, 'hairpin', 'inside')),
};

/** Hairpinning, there and back. */
export function hairpinning(id: string, proto: Proto): Law {
  return {
    id,
    meaning: 'A host inside reaches another one by its outer end, and is answered',
    proto,
    notFor: { redirect: NO_OUTSIDE },
    steps: (s) => [
      ...s.expose(s.chance.a, 'first'),
      hairpin(s),
      { do: 'answer', to: 'hairpin', at: 'inside', name: 'back' },
    ],
    judge: (t, s) => {
      const outer = s.seen(t, 'first');
      if (outer === undefined || t.of('hairpin')?.sent[0] === undefined) return [];
      const { inner } = s.place(s.chance.a);
      const there = wants(
        t,
        'hairpin',
        'inside',
        'at the host whose outer end it is',
        ` > ${endText(inner, proto)}: `,
      );
      const answered = t.at('back', 'inside');
      const from = `${endText(outer, proto)} > `;
      const back = wants(t, 'back', 'inside', 'the answer, from the outer end', from);
      return answered === undefined && there.got === 0 ? [there] : [there, back];
    },
    condition: hairpinCondition,
    instead: [
      { ...HAIRPIN_REFUSED, who: proto === 'tcp' ? [...OUTER, 'user'] : HAIRPIN_REFUSED.who },
    ],
  };
}
