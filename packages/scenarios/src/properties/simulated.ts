/** The network of a scenario as Labwire simulates it. */
import { KernelError, LabwireError } from '@labwire/core/error';
import { SEC, Simulator } from '@labwire/core/sim';
import { ETH_HLEN, ETH_P_IP, IPPROTO_RAW, Ipv4Header } from '@labwire/core/wire';
import { debianPackages } from '@labwire/userland/debian';
import type { Terminal } from '@labwire/userland/machine';
import { wireBytes } from '../capture/index.ts';
import { type Lab, loadLab, setUpMachines } from '../lab/index.ts';
import { buildWorld, type World } from '../world/index.ts';
import { LEAD_IN, SETTLE } from './pace.ts';
import { PROTO, Seen } from './packet.ts';
import { type Network, playIn } from './stage.ts';
import type { Scenario } from './steps.ts';
import { frontMatter, type Machine } from './topology.ts';
import type { Arrival, Trace } from './trace.ts';

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
  const network = new SimulatedNetwork(buildWorld(sim, lab.config, PACKAGES));
  await network.setUp(lab);
  await network.pass(LEAD_IN);
  if (scenario.rules?.includes('REDIRECT') === true) network.listenAtRouter();
  return playIn(network, scenario);
}

class SimulatedNetwork implements Network {
  readonly #world: World;
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

  async pass(seconds?: number): Promise<readonly Arrival[]> {
    const { sim } = this.#world;
    await sim.run(sim.now + (seconds ?? SETTLE) * SEC);
    this.#hear();
    const arrived = this.#arrivals;
    this.#arrivals = [];
    return arrived;
  }

  async send(from: Machine, bytes: Uint8Array): Promise<void> {
    const socket = this.#kernel(from).initNetns.ipv4.openRaw(IPPROTO_RAW);
    try {
      socket.send(bytes, { addr: new Seen(bytes).dst.addr, port: 0 });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e; // the sender's own kernel has no route: the packet is lost
    }
    socket.close();
  }

  async command(command: string): Promise<string | undefined> {
    const { sim, machines } = this.#world;
    this.#terminal ??= machines.get('nat')?.openTerminal('1');
    const run = this.#terminal?.run(command);
    await sim.run(sim.now + PATIENCE, () => run?.done === true);
    return run?.exitCode === 0 ? undefined : `${command}: ${run?.output.trim()}`;
  }
}
