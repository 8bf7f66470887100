import type { Seen } from './packet.ts';
import type { Step } from './steps.ts';
import type { Machine } from './topology.ts';

/** A packet that reached a machine. At `nat` only what is for the router itself is seen, as its programs see it. */
export interface Arrival {
  readonly machine: Machine;
  readonly packet: Seen;
}

/** What a step did. */
export interface StepTrace {
  readonly step: Step;
  /** Who sent, if the step sent anything. */
  readonly from: Machine | undefined;
  /** The packets that were sent: several if it was cut. */
  readonly sent: readonly Uint8Array[];
  /** In the order in which they came, until the next step. */
  readonly arrivals: readonly Arrival[];
}

/** What a whole scenario did. */
export class Trace {
  readonly steps: readonly StepTrace[];
  /** What the router's commands said that failed. */
  readonly complaints: readonly string[];

  constructor(steps: readonly StepTrace[], complaints: readonly string[]) {
    this.steps = steps;
    this.complaints = complaints;
  }

  /** A step by its name. */
  of(name: string): StepTrace | undefined {
    return this.steps.find((s) => s.step.name === name);
  }

  /** All packets that came to a machine because of a step. */
  all(name: string, machine: Machine): Seen[] {
    return (this.of(name)?.arrivals ?? [])
      .filter((a) => a.machine === machine)
      .map((a) => a.packet);
  }

  /** The first that came to a machine because of a step and is no ICMP error, unless it was one that was sent. */
  at(name: string, machine: Machine): Seen | undefined {
    const isError = this.of(name)?.step.do === 'error';
    return this.all(name, machine).find((p) => p.isError === isError);
  }
}
