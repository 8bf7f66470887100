import { parseMac } from '@labwire/core/addr';
import {
  findNicModel,
  type GuestNicSpec,
  type NicPort,
  VirtualMachine,
} from '../../../hypervisor/index.ts';
import { type Process, SIGKILL } from '../../../machine/index.ts';
import { LibvirtError } from '../../base/index.ts';
import type { DomainDef, XmlNode } from '../conf/index.ts';
import { QEMU_UID } from '../conf/index.ts';
import { emulatorCommand } from './command-line.ts';
import { DomainConsole } from './console.ts';
import { type EmulatorPlugs, type Plug, type Plugs, plugInterface } from './plug.ts';
import type { Ports } from './ports.ts';

/** Running domains by their QEMU: what a daemon that is started anew takes over. */
const RUNNING = new WeakMap<Process, Running>();

/** A domain while it runs: its QEMU, its guest, and how its interfaces are connected. `qemuDomainObjPrivate` */
export class Running {
  readonly id: number;
  readonly def: DomainDef;
  readonly proc: Process;
  /** Where its places in networks are kept. */
  readonly ports: Ports;
  readonly guest: VirtualMachine;
  readonly console: DomainConsole;
  /** Why it is in its state. */
  reason: 'booted' | 'unpaused' | 'user' = 'booted';
  /** Called when its QEMU has ended. */
  onEnd: (() => void) | undefined;
  readonly #plugs = new Map<XmlNode, { readonly plug: Plug; readonly port: NicPort }>();

  private constructor(
    id: number,
    def: DomainDef,
    plugs: EmulatorPlugs,
    connected: readonly Connected[],
  ) {
    this.id = id;
    this.def = def;
    this.proc = plugs.qemu;
    this.ports = plugs.ports;
    this.guest = new VirtualMachine(this.proc.machine, {
      name: def.name,
      disk: diskOf(def),
      nics: connected.map((c) => c.spec),
      nic: 'enp1s0',
      endsOnReset: actionOf(def, 'on_reboot') === 'destroy',
      restartsOnPowerOff: actionOf(def, 'on_poweroff') === 'restart',
    });
    this.console = new DomainConsole(this.guest);
    connected.forEach(({ node, plug }, i) => {
      this.#plugs.set(node, { plug, port: this.guest.ports[i] as NicPort });
    });
    RUNNING.set(this.proc, this);
  }

  /** Connects the interfaces and powers the guest on. @throws LibvirtError; nothing is left then */
  static start(plugs: Plugs, def: DomainDef, id: number): Running {
    if (plugs.proc.machine.guestWorld === undefined)
      throw new LibvirtError(
        'config-unsupported',
        `machine ${plugs.proc.machine.name} of this lab can have no guests`,
      );
    const started: { running?: Running } = {};
    const qemu = startEmulator(plugs.proc, emulatorCommand(def, id), started);
    const own = { ...plugs, qemu };
    const connected: Connected[] = [];
    try {
      for (const node of def.all('interface')) connected.push(connect(own, def, node));
    } catch (e) {
      for (const { plug } of connected) plug.unplug();
      throw e;
    }
    started.running = new Running(id, def, own, connected);
    return started.running;
  }

  /** Domains of a machine that run. */
  static of(proc: Process): Running[] {
    return [...proc.machine.processes.values()].flatMap((p) => RUNNING.get(p) ?? []);
  }

  /** @internal QEMU's life: it ends with its guest, and the guest with it. */
  async live(proc: Process): Promise<number> {
    const off = { wq: this.guest.wq, poll: () => (this.guest.state === 'off' ? 1 : 0) };
    try {
      await proc.poll([{ on: off, events: 1 }], undefined, `its guest ${this.def.name}`);
    } finally {
      this.#end();
    }
    return 0;
  }

  #end(): void {
    this.guest.powerOff();
    for (const { plug } of this.#plugs.values()) plug.unplug();
    this.#plugs.clear();
    this.onEnd?.();
  }

  /** Ends it at once. */
  destroy(): void {
    this.guest.powerOff();
    this.proc.kill(SIGKILL);
  }

  /** The NIC of an interface. */
  portOf(node: XmlNode): NicPort | undefined {
    return this.#plugs.get(node)?.port;
  }

  /** Plugs one more interface in. @throws LibvirtError */
  attach(plugs: Plugs, node: XmlNode): void {
    const { plug, spec } = connect({ ...plugs, qemu: this.proc }, this.def, node);
    this.#plugs.set(node, { plug, port: this.guest.addNic(spec) });
    this.def.addDevice(node);
  }

  /** Takes an interface out. */
  detach(node: XmlNode): void {
    const there = this.#plugs.get(node);
    this.#plugs.delete(node);
    this.def.removeDevice(node);
    if (there === undefined) return;
    this.guest.removeNic(there.port);
    there.plug.unplug();
  }
}

/** Starts a domain's QEMU. It first runs when the daemon next waits, and ends at once if its domain could not be started. */
function startEmulator(
  daemon: Process,
  argv: readonly string[],
  started: { readonly running?: Running },
): Process {
  const { machine } = daemon;
  const body = async (p: Process): Promise<number> => started.running?.live(p) ?? 1;
  const spawn = { uid: QEMU_UID, cwd: '/', newGroup: true, fds: new Map(), env: new Map() };
  return machine.startProcess(machine.init, argv, body, spawn);
}

interface Connected {
  readonly node: XmlNode;
  readonly plug: Plug;
  readonly spec: GuestNicSpec;
}

function connect(plugs: EmulatorPlugs, def: DomainDef, node: XmlNode): Connected {
  const name = node.child('model')?.attr('type') ?? '';
  const model = findNicModel(name);
  if (model === undefined)
    throw new LibvirtError(
      'internal',
      `process exited while connecting to monitor: '${name}' is not a valid device model name`,
    );
  const mac = parseMac(node.child('mac')?.attr('address') ?? '');
  if (mac === undefined) throw new LibvirtError('internal', 'an interface without an address');
  const plug = plugInterface(plugs, node, { name: def.name, uuid: def.uuid });
  const linkDown = node.child('link')?.attr('state') === 'down';
  return { node, plug, spec: { model, mac, backend: plug.backend, linkDown } };
}

/** What is done when its system goes down: `<on_reboot>restart</on_reboot>`. */
function actionOf(def: DomainDef, event: 'on_reboot' | 'on_poweroff'): string | undefined {
  return def.general.find((node) => node.name === event)?.text;
}

/** The first disk that is no CD. */
function diskOf(def: DomainDef): string | undefined {
  const disks = def.all('disk').filter((d) => d.attr('device') !== 'cdrom');
  const source = disks[0]?.child('source');
  return source?.attr('file') ?? source?.attr('dev');
}
