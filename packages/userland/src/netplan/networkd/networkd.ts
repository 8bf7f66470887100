import { put32 } from '@labwire/core/bytes';
import { POLLIN, type Pollable } from '@labwire/core/sim';
import { DhcpOpt } from '@labwire/devices/dhcp';
import type { NetDevice } from '@labwire/devices/link';
import { EventLoop, SignalFlag, type Strand } from '../../libc-net/index.ts';
import { type Machine, type Process, SIGINT, SIGTERM } from '../../machine/index.ts';
import {
  Dhcp4Client,
  type Dhcp4Config,
  type Dhcp4Lease,
  flushDevice,
  linkByName,
} from '../../network-config/index.ts';
import type { NetDef, NetplanConfig } from '../config/index.ts';
import { applyLease, applyStatic, leaseServers } from './addresses.ts';
import { configureLink, devicesOf, makeLink, renameLinks } from './links.ts';

const ARGV = ['/lib/systemd/systemd-networkd'];
/** What the client asks for. systemd src/libsystemd-network/sd-dhcp-client.c, default_req_opts */
const REQUESTS: readonly number[] = [
  DhcpOpt.netmask,
  DhcpOpt.router,
  DhcpOpt.dnsServer,
  DhcpOpt.hostName,
  DhcpOpt.domainName,
  DhcpOpt.mtu,
  33,
  42,
  DhcpOpt.classlessRoutes,
];

/** What runs on a machine at present. */
const RUNNING = new WeakMap<Machine, Networkd>();

/** Configures a machine's devices and keeps their leases: systemd-networkd. */
export class Networkd {
  readonly #proc: Process;
  readonly #config: NetplanConfig;
  readonly #stop: SignalFlag;
  readonly #loop: EventLoop;
  readonly #leases = new Map<string, Dhcp4Lease>();

  private constructor(proc: Process, config: NetplanConfig) {
    this.#proc = proc;
    this.#config = config;
    this.#stop = SignalFlag.catch(proc, SIGTERM, SIGINT);
    this.#loop = new EventLoop(proc);
  }

  /** Makes the machine what a configuration says; DHCP goes on in a process of its own. @throws KernelError */
  static apply(proc: Process, config: NetplanConfig): void {
    const old = RUNNING.get(proc.machine);
    old?.stop();
    renameLinks(proc, config);
    const order = [...config.defs.values()];
    for (const def of order) if (def.kind !== 'vlans') makeLink(proc, def);
    for (const def of order) if (def.kind === 'vlans') makeLink(proc, def);
    for (const def of order) Networkd.#configure(proc, config, def);
    const nothing = proc.fs.open('/dev/null', { read: true, write: true });
    proc.machine.startProcess(proc, ARGV, (own) => new Networkd(own, config).#serve(old), {
      newGroup: true,
      cwd: '/',
      fds: new Map([0, 1, 2].map((fd) => [fd, nothing])),
    });
  }

  static #configure(proc: Process, config: NetplanConfig, def: NetDef): void {
    const master = config.masterOf(def.id);
    const upper = master === undefined ? undefined : linkByName(proc, master.id);
    for (const dev of devicesOf(proc, def)) {
      configureLink(proc, dev, def, upper);
      applyStatic(proc, dev, def);
    }
  }

  /** Ends it; addresses and routes stay. */
  stop(): void {
    this.#stop.raise();
  }

  async #serve(old: Networkd | undefined): Promise<number> {
    const { machine } = this.#proc;
    RUNNING.set(machine, this);
    this.#loop.add(untilRaised(this.#stop));
    for (const def of this.#config.defs.values())
      if (def.yes('dhcp4'))
        for (const dev of devicesOf(this.#proc, def)) this.#loop.add(this.#dhcp(dev, def, old));
    this.#writeResolvConf();
    while (!this.#stop.raised) await this.#loop.turn();
    if (RUNNING.get(machine) === this) RUNNING.delete(machine);
    return 0;
  }

  /** One device's DHCP, once it has a carrier. */
  *#dhcp(dev: NetDevice, def: NetDef, old: Networkd | undefined): Strand {
    const { changes } = this.#proc.netns;
    const news: Pollable = { poll: () => (dev.running ? POLLIN : 0), wq: changes.wq };
    while (!dev.running) yield { on: news, events: POLLIN };
    const before = old === undefined ? undefined : old.#leases.get(dev.name)?.address;
    const client = new Dhcp4Client(this.#proc, dev, dhcpConfig(this.#proc, dev, before), {
      bound: (lease) => {
        const held = this.#leases.get(dev.name);
        if (held !== undefined && held.address !== lease.address) this.#drop(dev, def);
        this.#leases.set(dev.name, lease);
        applyLease(this.#proc, dev, lease);
        // what could not be reached before may be now
        applyStatic(this.#proc, dev, def);
        this.#writeResolvConf();
      },
      lost: () => {
        this.#leases.delete(dev.name);
        this.#drop(dev, def);
        this.#writeResolvConf();
      },
    });
    yield* client.run();
  }

  #drop(dev: NetDevice, def: NetDef): void {
    flushDevice(this.#proc, dev, ['inet']);
    applyStatic(this.#proc, dev, def);
  }

  /** Name servers that the configuration and the leases bring; without any the file stays as it is. */
  #writeResolvConf(): void {
    const defs = [...this.#config.defs.values()];
    const leases = [...this.#leases.values()];
    const servers = [
      ...defs.flatMap((d) => d.list('nameservers.addresses')),
      ...leases.flatMap(leaseServers),
    ];
    const search = defs.flatMap((d) => d.list('nameservers.search'));
    const lines = [...new Set(servers)].map((s) => `nameserver ${s}`);
    if (search.length > 0) lines.push(`search ${[...new Set(search)].join(' ')}`);
    if (lines.length > 0) this.#proc.fs.writeFile('/etc/resolv.conf', `${lines.join('\n')}\n`);
  }
}

function* untilRaised(flag: SignalFlag): Strand {
  yield { on: flag, events: POLLIN };
}

function dhcpConfig(proc: Process, dev: NetDevice, wanted: Dhcp4Config['wanted']): Dhcp4Config {
  const { hostname } = proc.machine;
  return {
    clientId: clientId(proc, dev),
    hostname: hostname === 'localhost' ? undefined : hostname,
    requests: REQUESTS,
    send: [],
    wanted,
  };
}

/** Type 255, the device's IAID, and a DUID-EN of systemd's enterprise number that follows from the machine. RFC 4361 */
function clientId(proc: Process, dev: NetDevice): Uint8Array {
  const id = new Uint8Array(19);
  id[0] = 255;
  put32(id, 1, hash(dev.name, 0x811c9dc5));
  id[6] = 2;
  put32(id, 7, 0xab11);
  put32(id, 11, hash(proc.machine.name, 0x811c9dc5));
  put32(id, 15, hash(proc.machine.name, 0x01000193));
  return id;
}

/** FNV-1a. */
function hash(text: string, start: number): number {
  let h = start;
  for (const c of text) h = Math.imul(h ^ c.charCodeAt(0), 0x01000193);
  return h | 0;
}
