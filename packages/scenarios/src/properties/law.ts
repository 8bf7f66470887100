/** Laws: what a requirement asks, in terms of packets that are sent and packets that arrive. */
import type { Ipv4Addr } from '@labwire/core/addr';
import fc from 'fast-check';
import { behindQemu, type FlowWish, flow, ruleTraits, topology } from './arbitraries.ts';
import type { Check } from './checks.ts';
import type { End, Packet, PacketTraits, Proto } from './packet.ts';
import type { AnswerStep, Scenario, Step } from './steps.ts';
import {
  type Place,
  PUBLISHED,
  placeOf,
  type RuleTraits,
  rulesOf,
  type SubjectName,
} from './subject.ts';
import type { Machine, Topology } from './topology.ts';
import type { Trace } from './trace.ts';

/** What chance decides for one try of a law. */
export interface Chance {
  readonly topology: Topology;
  readonly rules: RuleTraits;
  readonly seed: number;
  /** The flows that a law speaks of. */
  readonly a: FlowWish;
  readonly b: FlowWish;
  /** Flows of others, before. */
  readonly crowd: readonly FlowWish[];
  /** Whatever else a law varies. */
  readonly n: number;
}

/** Everything that chance decides. */
export const chance: fc.Arbitrary<Chance> = fc.record({
  topology,
  rules: ruleTraits,
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  a: flow,
  b: flow,
  crowd: fc.array(flow, { maxLength: 3 }),
  n: fc.nat(1_000_000),
});

/** Has the router not reset connections that are redirected to it: what scenarios send in its name is its answer. */
const NO_RESETS = 'iptables -t raw -A OUTPUT -p tcp --tcp-flags RST RST -j DROP';

/** One try of a law: a subject with its rules, among others, and what they can do to each other. */
export class Try {
  readonly subject: SubjectName;
  readonly chance: Chance;
  readonly topology: Topology;
  readonly rules: RuleTraits;
  readonly proto: Proto;

  constructor(subject: SubjectName, proto: Proto, c: Chance) {
    this.subject = subject;
    this.proto = proto;
    this.chance = c;
    this.rules = c.rules;
    this.topology = subject === 'user' ? behindQemu(c.topology) : c.topology;
  }

  /** A number that chance decides, from 0 to `below` - 1. */
  pick(below: number): number {
    return this.chance.n % below;
  }

  /** The ends of a flow as the subject's rules allow them. */
  place(wish: FlowWish, proto: Proto = this.proto): Place {
    return placeOf(this.subject, this.topology, proto, wish);
  }

  /** Another wish than `a` for the same host and port: another server or another port there. */
  elsewhere(a: FlowWish): FlowWish {
    const sameServer = this.pick(2) === 0 && this.proto !== 'icmp' && this.subject !== 'redirect';
    return sameServer ? { ...a, dport: a.dport + 1 } : { ...a, server: a.server + 1 };
  }

  /** Another host than that of `a`, with the same port. */
  neighbour(a: FlowWish): FlowWish {
    return { ...a, host: (a.host + 1) % this.topology.hosts.length };
  }

  /** An end of a host inside that is not the flow's. */
  neighbourEnd(wish: FlowWish): End {
    const { hosts } = this.topology;
    const mine = hosts.indexOf(this.place(wish).inner.addr);
    return { addr: hosts[(mine + 1) % hosts.length] as Ipv4Addr, port: 45_001 };
  }

  /** The peer's side: where a flow's packets from inside arrive. */
  get peerSide(): Machine {
    return this.subject === 'redirect' ? 'nat' : 'outside';
  }

  /** The router's main outer address. */
  get outer(): Ipv4Addr {
    return this.topology.outer[0] as Ipv4Addr;
  }

  /** A packet that a host inside sends to a flow's peer. */
  outbound(
    wish: FlowWish,
    name: string,
    traits: PacketTraits = {},
    proto: Proto = this.proto,
  ): Step {
    const { inner, peer } = this.place(wish, proto);
    const packet: Packet = { proto, src: inner, dst: peer, ...traits };
    return { do: 'send', from: 'inside', packet, name };
  }

  /**
   * Makes a flow's inner end known to its peer: the step `name` is a packet of the host inside that arrives at the peer. Where
   * rules only let the outside begin, the peer has asked before.
   */
  expose(
    wish: FlowWish,
    name: string,
    traits: PacketTraits = {},
    proto: Proto = this.proto,
  ): Step[] {
    if (this.subject !== 'dnat') return [this.outbound(wish, name, traits, proto)];
    const asked = `asked ${name}`;
    return [this.#ask(wish, asked, proto), { do: 'answer', to: asked, name, traits }];
  }

  /** Begins a flow with one packet, of whom the rules let begin: it is there, whether or not its peer has seen its inner end. */
  begin(wish: FlowWish, name: string): Step {
    return this.subject === 'dnat' ? this.#ask(wish, name, this.proto) : this.outbound(wish, name);
  }

  /** A peer's first packet to the outer end by which DNAT publishes a host. */
  #ask(wish: FlowWish, name: string, proto: Proto): Step {
    const { peer } = this.place(wish, proto);
    const packet: Packet = { proto, src: peer, dst: this.published(proto, peer) };
    return { do: 'send', from: 'outside', packet, name };
  }

  /** The outer end by which DNAT publishes a host, for packets of `peer`. */
  published(proto: Proto, peer: End): End {
    return { addr: this.outer, port: proto === 'icmp' ? peer.port : PUBLISHED };
  }

  /** A packet from a flow's peer to the outer end that step `to` has shown it, in the peer's own words or in others. */
  inbound(
    to: string,
    name: string,
    more: Partial<Omit<AnswerStep, 'do' | 'to' | 'name'>> = {},
  ): Step {
    return { do: 'answer', to, name, at: this.peerSide, ...more };
  }

  /** Opens a TCP connection; step `open` is then the last packet that arrived at the peer. */
  connect(wish: FlowWish): Step[] {
    if (this.subject === 'dnat') {
      const first = this.expose(wish, 'open', {}, 'tcp');
      return [...first, this.inbound('open', 'opened')];
    }
    const syn = this.outbound(wish, 'syn', {}, 'tcp');
    const synAck = this.inbound('syn', this.subject === 'user' ? 'open' : 'syn-ack');
    if (this.subject === 'user')
      return [syn, synAck, { do: 'answer', to: 'open', at: 'inside', name: 'ack' }];
    return [syn, synAck, { do: 'answer', to: 'syn-ack', at: 'inside', name: 'open' }];
  }

  /** Flows of others, none of which a law speaks of. */
  crowd(): Step[] {
    return this.#others().map((wish, i) => this.begin(wish, `crowd ${i}`));
  }

  /** In a third of the tries each a neighbour wants what flow `a` will, toward its first peer, its second one, or neither. */
  #others(): FlowWish[] {
    const { a, crowd } = this.chance;
    const rivals = [this.neighbour(a), this.neighbour(this.elsewhere(a))];
    return [...rivals.slice(this.pick(3), this.pick(3) + 1), ...crowd];
  }

  /** Whether another host has used the port of flow `a` toward its second peer, so that the router could not keep it. */
  get isCrowded(): boolean {
    const { inner, peer } = this.place(this.elsewhere(this.chance.a));
    return this.#others()
      .map((w) => this.place(w))
      .some(
        (o) =>
          o.inner.port === inner.port &&
          o.inner.addr !== inner.addr &&
          o.peer.addr === peer.addr &&
          o.peer.port === peer.port,
      );
  }

  /** The outer end by which a peer has seen a flow. */
  seen(t: Trace, name: string): End | undefined {
    return t.at(name, this.peerSide)?.src;
  }

  /** The whole scenario. */
  scenario(steps: readonly Step[], f: Partial<Furnished> = {}): Scenario {
    const rules = { ...this.rules, ...f.rules };
    const top = f.topology ?? this.topology;
    return {
      topology: top,
      rules: f.text ?? rulesOf(this.subject, top, rules),
      sysctl: f.sysctl ?? {},
      router: [...(this.subject === 'redirect' ? [NO_RESETS] : []), ...(f.router ?? [])],
      seed: this.chance.seed,
      steps,
    };
  }
}

/** What a law changes of a try's surroundings. */
export interface Furnished {
  /** Traits that the rules must have. */
  readonly rules: Partial<RuleTraits>;
  /** Rules in place of the subject's. */
  readonly text: string;
  readonly topology: Topology;
  readonly sysctl: Readonly<Record<string, string | number>>;
  readonly router: readonly string[];
}

/** How a subject stands to a law. */
export type Standing = 'meets' | 'conditional' | 'does not' | 'not applicable';

/** One requirement as something that can be tried. */
export interface Law {
  /** `RFC 4787 REQ-1`: unique. */
  readonly id: string;
  /** What it asks. */
  readonly meaning: string;
  /** The transport that it is about. */
  readonly proto: Proto;
  /** Subjects to which it has nothing to say, and why. */
  readonly notFor?: Partial<Readonly<Record<SubjectName, string>>>;
  /** It is about pools of outer addresses. */
  readonly needsPool?: boolean;
  /** It takes rules of its own to try it. */
  readonly needsRules?: boolean;
  /** Changes to the surroundings. */
  furnish?(t: Try): Partial<Furnished>;
  /** What happens. */
  steps(t: Try): Step[];
  /** What the requirement asks of it; nothing if this try does not exercise it. */
  judge(trace: Trace, t: Try): Check[];
  /** When a subject meets it that does not always. */
  readonly condition?: { readonly text: string; holds(t: Try): boolean };
  /** What subjects do that do not always meet it. */
  readonly instead?: readonly Instead[];
}

/** What some subjects do where they do not meet a law: each try that goes against the law must be spoken of. */
export interface Instead {
  readonly who: readonly SubjectName[];
  readonly text: string;
  /** What it wants to be seen; nothing if it does not speak of this try. */
  judge(trace: Trace, t: Try): Check[];
}
