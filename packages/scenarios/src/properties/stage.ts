/** Plays scenarios: sends their packets into a network, and notes down what arrives where. */
import { errorBytes, reply, sendBytes } from './compose.ts';
import type { Scenario, Step } from './steps.ts';
import type { Machine } from './topology.ts';
import { type Arrival, type StepTrace, Trace } from './trace.ts';

/** Three machines as a scenario describes them: simulated ones, or real ones. */
export interface Network {
  /** Sends a whole IPv4 packet from a machine; one that the machine has no route for is lost. */
  send(from: Machine, packet: Uint8Array): Promise<void>;
  /** Types a command at the router. @returns what is wrong with it, if anything is */
  command(text: string): Promise<string | undefined>;
  /** Lets time pass: some seconds, or until what was sent has arrived. @returns what has arrived since it was last asked */
  pass(seconds?: number): Promise<readonly Arrival[]>;
}

/** Plays a scenario in a network that has been set up for it. */
export async function playIn(network: Network, scenario: Scenario): Promise<Trace> {
  const stage = new Stage(network);
  for (const step of scenario.steps) await stage.play(step);
  return stage.trace();
}

class Stage {
  readonly #network: Network;
  readonly #steps: StepTrace[] = [];
  readonly #complaints: string[] = [];

  constructor(network: Network) {
    this.#network = network;
  }

  async play(step: Step): Promise<void> {
    const network = this.#network;
    const out = this.#outgoing(step);
    for (const bytes of out?.bytes ?? []) await network.send(out?.from as Machine, bytes);
    if (step.do === 'command') {
      const complaint = await network.command(step.command);
      if (complaint !== undefined) this.#complaints.push(complaint);
    }
    const arrivals = await network.pass(step.do === 'wait' ? step.seconds : undefined);
    this.#steps.push({ step, from: out?.from, sent: out?.bytes ?? [], arrivals });
  }

  /** The packets of a step; undefined if it has none, or answers what never arrived. */
  #outgoing(
    step: Step,
  ): { readonly from: Machine; readonly bytes: readonly Uint8Array[] } | undefined {
    if (step.do === 'send') return { from: step.from, bytes: sendBytes(step) };
    if (step.do !== 'answer' && step.do !== 'error') return undefined;
    const seen =
      step.do === 'answer' ? this.#arrivalOf(step.to, step.at) : this.#arrivalOf(step.about);
    if (seen === undefined) return undefined;
    const from = step.do === 'answer' ? (step.from ?? seen.machine) : seen.machine;
    const bytes = step.do === 'answer' ? reply(seen.packet, step) : errorBytes(seen.packet, step);
    return { from, bytes: [bytes] };
  }

  /** How the packet of an earlier step arrived, away from where it was sent if it did so. */
  #arrivalOf(name: string, at?: Machine): Arrival | undefined {
    const earlier = this.#steps.find((s) => s.step.name === name);
    if (earlier === undefined) return undefined;
    const isError = earlier.step.do === 'error';
    const arrivals = earlier.arrivals.filter((a) => a.packet.isError === isError);
    if (at !== undefined) return arrivals.find((a) => a.machine === at);
    return arrivals.find((a) => a.machine !== earlier.from) ?? arrivals[0];
  }

  trace(): Trace {
    return new Trace(this.#steps, this.#complaints);
  }
}
