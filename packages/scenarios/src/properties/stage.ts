/** Plays scenarios: builds their machines, sends their packets, and notes down what arrives where. */
import { LabwireError } from '@labwire/core/error';
import { SEC, Simulator } from '@labwire/core/sim';
import { ETH_HLEN, ETH_P_IP, IPPROTO_RAW, Ipv4Header } from '@labwire/core/wire';
import { debianPackages } from '@labwire/userland/debian';
import type { Terminal } from '@labwire/userland/machine';
import { wireBytes } from '../capture/index.ts';
import { type Lab, loadLab, setUpMachines } from '../lab/index.ts';
import { buildWorld, type World } from '../world/index.ts';
import { errorBytes, reply, sendBytes } from './compose.ts';
import { PROTO, Seen } from './packet.ts';
import type { Scenario, Step } from './steps.ts';
import { frontMatter, type Machine } from './topology.ts';
import { type Arrival, type StepTrace, Trace } from './trace.ts';

/** Everything that a packet sets off is over after this. */
const SETTLE = SEC / 20;
/** The router's commands get this long. */
const PATIENCE = 10 * SEC;

/** What the machines of scenarios need: a whole Debian takes longer to lay out than most scenarios to play. */
const NEEDED: ReadonlySet<string> = new Set([
  'base-files',
  'bash',
  'dash',
  'coreutils',
  'iproute2',
  'iptables',
  'ipset',
  'conntrack',
  'procps',
  'qemu-system-x86',
]);
const PACKAGES = debianPackages.filter((p) => NEEDED.has(p.name));

/** Plays a scenario. @throws LabwireError if the router does not take its rules */
export async function play(scenario: Scenario): Promise<Trace> {
  const text = `---\n${frontMatter(scenario.topology, scenario)}---\n`;
  const lab = loadLab({ file: 'scenario.md', text });
  const sim = new Simulator({ seed: scenario.seed });
  const stage = new Stage(buildWorld(sim, lab.config, PACKAGES));
  await stage.setUp(lab);
  if (scenario.rules?.includes('REDIRECT') === true) stage.listenAtRouter();
  for (const step of scenario.steps) await stage.play(step);
  return stage.trace();
}

class Stage {
  readonly #world: World;
  readonly #steps: StepTrace[] = [];
  readonly #complaints: string[] = [];
  #arrivals: Arrival[] = [];
  #terminal: Terminal | undefined;
  readonly #ears: { recv(max: number): { readonly data: Uint8Array } | undefined }[] = [];

  constructor(world: World) {
    this.#world = world;
    for (const machine of ['inside', 'outside'] as const) this.#watch(machine);
  }

  async setUp(lab: Lab): Promise<void> {
    const notes: string[] = [];
    await setUpMachines(lab, this.#world, (note) => notes.push(note));
    if (notes.length > 0) throw new LabwireError(notes.join('\n'));
    this.#arrivals = [];
  }

  #kernel(name: Machine) {
    const machine = this.#world.machines.get(name);
    if (machine === undefined) throw new LabwireError(`no machine ${name}`);
    return machine.kernel;
  }

  #watch(machine: Machine): void {
    this.#kernel(machine).trace.receive.listen((skb, dev) => {
      if (dev.name !== 'eth0' || skb.protocol !== ETH_P_IP) return;
      const frame = wireBytes(skb);
      const { totLen } = new Ipv4Header(frame, ETH_HLEN);
      this.#arrivals.push({ machine, packet: new Seen(frame.slice(ETH_HLEN, ETH_HLEN + totLen)) });
    });
  }

  /** Raw sockets at the router hear what is redirected to it. */
  listenAtRouter(): void {
    const { ipv4 } = this.#kernel('nat').initNetns;
    for (const proto of Object.values(PROTO)) this.#ears.push(ipv4.openRaw(proto));
  }

  #hear(): void {
    for (const ear of this.#ears)
      for (let got = ear.recv(65_536); got !== undefined; got = ear.recv(65_536))
        this.#arrivals.push({ machine: 'nat', packet: new Seen(got.data.slice()) });
  }

  async play(step: Step): Promise<void> {
    const { sim } = this.#world;
    const at = sim.now;
    this.#arrivals = [];
    const out = this.#outgoing(step);
    for (const bytes of out?.bytes ?? []) this.#send(out?.from as Machine, bytes);
    if (step.do === 'command') await this.#command(step.command);
    await sim.run(sim.now + (step.do === 'wait' ? step.seconds * SEC : SETTLE));
    this.#hear();
    this.#steps.push({
      step,
      at,
      from: out?.from,
      sent: out?.bytes ?? [],
      arrivals: this.#arrivals,
    });
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

  #send(from: Machine, bytes: Uint8Array): void {
    const socket = this.#kernel(from).initNetns.ipv4.openRaw(IPPROTO_RAW);
    socket.send(bytes, { addr: new Seen(bytes).dst.addr, port: 0 });
    socket.close();
  }

  async #command(command: string): Promise<void> {
    const { sim, machines } = this.#world;
    this.#terminal ??= machines.get('nat')?.openTerminal('1');
    const run = this.#terminal?.run(command);
    await sim.run(sim.now + PATIENCE, () => run?.done === true);
    if (run?.exitCode !== 0) this.#complaints.push(`${command}: ${run?.output.trim()}`);
  }

  trace(): Trace {
    return new Trace(this.#steps, this.#complaints);
  }
}
