/** What happens in a scenario, told without knowing what the router will make of it. */
import type { Ipv4Addr } from '@labwire/core/addr';
import type { End, IcmpErrorTraits, Packet, PacketTraits } from './packet.ts';
import type { Furnishing, Machine, Topology } from './topology.ts';

/** A packet of a host's own. */
export interface SendStep {
  readonly do: 'send';
  readonly from: Machine;
  readonly packet: Packet;
  /** Cut into fragments, which leave in this order. */
  readonly pieces?: { readonly size: number; readonly order: readonly number[] };
  readonly name?: string;
}

/** A packet back to wherever the packet of an earlier step seems to come from. Nothing happens if that never arrived. */
export interface AnswerStep {
  readonly do: 'answer';
  readonly to: string;
  /** Answers what arrived here because of that step; default: on the other side of the router, if anything did. */
  readonly at?: Machine;
  /** Another source than the place that was asked. */
  readonly src?: Partial<End>;
  /** Another destination port than the one that asked. */
  readonly dport?: number;
  /** From the other side of the router than where it arrived: a host inside that uses a neighbour's outer end. */
  readonly from?: Machine;
  readonly traits?: PacketTraits;
  readonly name?: string;
}

/** An ICMP error about the packet of an earlier step as it arrived, from a host or a router on the way. */
export interface ErrorStep {
  readonly do: 'error';
  readonly about: string;
  readonly src: Ipv4Addr;
  readonly error: IcmpErrorTraits;
  /** To another address than where the packet seems to come from. */
  readonly dst?: Ipv4Addr;
  readonly name?: string;
}

/** Nothing happens for some seconds. */
export interface WaitStep {
  readonly do: 'wait';
  readonly seconds: number;
  readonly name?: string;
}

/** A command at the router: a setting, or a fault. */
export interface CommandStep {
  readonly do: 'command';
  readonly command: string;
  readonly name?: string;
}

/** One step of a scenario. Those with a name can be spoken of. */
export type Step = SendStep | AnswerStep | ErrorStep | WaitStep | CommandStep;

/** A scenario: who is there, with which rules, and what happens. */
export interface Scenario extends Furnishing {
  readonly topology: Topology;
  readonly steps: readonly Step[];
}
