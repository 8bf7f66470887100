import type { Process } from '../../../machine/index.ts';
import { LibvirtError, parseUuid } from '../../base/index.ts';
import type { NetworkDriver } from '../../network/index.ts';
import { type DomainDef, type LiveNames, liveDef, parseDomain } from '../conf/index.ts';
import { Domain } from './domain.ts';
import { changeInterface, type InterfaceChange } from './interfaces.ts';
import { limitInterfaces } from './limits.ts';
import { Names } from './names.ts';
import type { Plugs } from './plug.ts';
import { Ports } from './ports.ts';
import { Running } from './running.ts';
import { DomainStore } from './store.ts';

/** The first port of VNC. */
const VNC_BASE = 5900;
/** The first pseudo terminal that is nobody's. */
const FIRST_PTY = 2;

/** What a word may name a domain by. VIRSH_BYID and its siblings */
export type NamedBy = 'id' | 'uuid' | 'name';

/** libvirt's domains of one machine. libvirt src/qemu/qemu_driver.c */
export class DomainDriver {
  readonly #proc: Process;
  readonly #store: DomainStore;
  readonly #plugs: Plugs;
  readonly #domains = new Map<string, Domain>();
  #nextId = 1;

  constructor(proc: Process, networks: NetworkDriver) {
    this.#proc = proc;
    this.#store = new DomainStore(proc.fs);
    this.#plugs = { proc, names: new Names(), ports: new Ports(proc, networks) };
  }

  get #random() {
    return this.#proc.machine.kernel.random;
  }

  /** Reads what is defined, takes over what runs, starts what is to start. qemuStateInitialize() */
  async start(): Promise<void> {
    const firstTime = this.#store.openStateDir(this.#proc.pid);
    for (const running of Running.of(this.#proc)) this.#takeOver(running);
    for (const def of this.#store.load(this.#random)) {
      const domain = this.#domains.get(def.uuid) ?? new Domain(def);
      domain.persistent = def;
      domain.autostart = this.#store.startsByItself(def.name);
      this.#domains.set(def.uuid, domain);
    }
    if (!firstTime) return;
    for (const domain of this.all())
      if (domain.autostart && !domain.active) await this.#startUnlessRefused(domain);
  }

  #takeOver(running: Running): void {
    const domain = new Domain(running.def);
    running.ports.moveTo(this.#plugs);
    this.#adopt(domain, running);
    this.#domains.set(running.def.uuid, domain);
    this.#nextId = Math.max(this.#nextId, running.id + 1);
    for (const net of running.def.all('interface'))
      this.#plugs.names.reserve(net.child('target')?.attr('dev') ?? '');
  }

  async #startUnlessRefused(domain: Domain): Promise<void> {
    try {
      await this.startDomain(domain);
    } catch (e) {
      if (!(e instanceof LibvirtError)) throw e; // it is only logged
    }
  }

  /** All domains: those that run by their numbers, then the others by name. virshDomainListCollect() */
  all(): Domain[] {
    return [...this.#domains.values()].sort(
      (a, b) =>
        (a.id ?? Number.MAX_SAFE_INTEGER) - (b.id ?? Number.MAX_SAFE_INTEGER) ||
        (a.name < b.name ? -1 : 1),
    );
  }

  /** The domain that a word names. virshCommandOptDomainBy() */
  search(word: string, by: readonly NamedBy[] = ['id', 'uuid', 'name']): Domain | undefined {
    const uuid = by.includes('uuid') ? parseUuid(word) : undefined;
    const all = this.all();
    return (
      (by.includes('id') && /^\d+$/.test(word)
        ? all.find((d) => d.id === Number(word))
        : undefined) ??
      (uuid === undefined ? undefined : this.#domains.get(uuid)) ??
      (by.includes('name') ? all.find((d) => d.name === word) : undefined)
    );
  }

  /** The domain that a word names. @throws LibvirtError */
  find(word: string): Domain {
    const domain = this.search(word);
    if (domain !== undefined) return domain;
    throw new LibvirtError('no-domain', `no domain with matching name '${word}'`);
  }

  /** Refuses a definition whose name or UUID is another's. virDomainObjListAdd() */
  #checkOthers(def: DomainDef): void {
    const same = this.#domains.get(def.uuid);
    if (same !== undefined && same.name !== def.name)
      throw new LibvirtError(
        'operation-failed',
        `domain '${same.name}' is already defined with uuid ${def.uuid}`,
      );
    const named = this.all().find((d) => d.name === def.name && d.uuid !== def.uuid);
    if (named !== undefined)
      throw new LibvirtError(
        'operation-failed',
        `domain '${def.name}' already exists with uuid ${named.uuid}`,
      );
  }

  /** Defines a domain, or defines it anew. virDomainDefineXML() @returns its name @throws LibvirtError */
  define(xml: string): string {
    const def = parseDomain(xml, this.#random);
    this.#checkOthers(def);
    const domain = this.#domains.get(def.uuid) ?? new Domain(def);
    domain.persistent = def;
    this.#domains.set(def.uuid, domain);
    this.#store.save(def);
    return def.name;
  }

  /** Starts a domain that is forgotten when it ends. virDomainCreateXML() @returns its name @throws LibvirtError */
  async create(xml: string): Promise<string> {
    const def = parseDomain(xml, this.#random);
    this.#checkOthers(def);
    const known = this.#domains.get(def.uuid);
    if (known?.active === true)
      throw new LibvirtError('operation-invalid', `domain is already active as '${def.name}'`);
    const domain = known ?? new Domain(def);
    this.#domains.set(def.uuid, domain);
    try {
      await this.#run(domain, def);
    } catch (e) {
      if (known === undefined) this.#domains.delete(def.uuid);
      throw e;
    }
    return def.name;
  }

  /** Starts a domain. virDomainCreate() @throws LibvirtError */
  async startDomain(domain: Domain): Promise<void> {
    if (domain.active) throw new LibvirtError('operation-invalid', 'domain is already running');
    await this.#run(domain, domain.persistent as DomainDef);
  }

  async #run(domain: Domain, def: DomainDef): Promise<void> {
    const id = this.#nextId++;
    try {
      const running = Running.start(this.#plugs, liveDef(def, this.#liveNames(id)), id);
      this.#adopt(domain, running);
      await this.#limit(domain, running);
    } catch (e) {
      domain.offReason = 'failed';
      throw e;
    }
    this.#saveState(domain);
  }

  /** Ends it if tc refuses. */
  async #limit(domain: Domain, running: Running): Promise<void> {
    try {
      await limitInterfaces(this.#proc, running.def);
    } catch (e) {
      await this.destroy(domain);
      throw e;
    }
  }

  /** What a domain gets beside its definition: the first terminals and VNC ports that no other has. */
  #liveNames(id: number): LiveNames {
    const devices = this.all().flatMap((d) => d.running?.def.devices ?? []);
    const paths = devices.map((d) => d.child('source')?.attr('path'));
    const ports = devices.map((d) => d.attr('port'));
    let pty = FIRST_PTY;
    while (paths.includes(`/dev/pts/${pty}`)) pty++;
    let vncPort = VNC_BASE;
    while (ports.includes(String(vncPort))) vncPort++;
    return { id, pty, vncPort };
  }

  #adopt(domain: Domain, running: Running): void {
    domain.running = running;
    running.onEnd = () => {
      domain.offReason = running.guest.offReason;
      domain.running = undefined;
      this.#store.removeState(running.def.name);
      if (domain.persistent === undefined) this.#domains.delete(running.def.uuid);
    };
  }

  #saveState({ running }: Domain): void {
    if (running !== undefined) this.#store.saveState(running.def, running.id, running.proc.pid);
  }

  /** A domain that runs. @throws LibvirtError */
  running(domain: Domain): Running {
    if (domain.running === undefined)
      throw new LibvirtError('operation-invalid', 'domain is not running');
    return domain.running;
  }

  /** Ends a domain at once, and waits until it has. virDomainDestroy() @throws LibvirtError */
  async destroy(domain: Domain): Promise<void> {
    const running = this.running(domain);
    running.destroy();
    await this.#proc.waitFor(running.proc);
  }

  /** Asks the guest to shut down. virDomainShutdown() @throws LibvirtError */
  shutdown(domain: Domain): void {
    this.running(domain).guest.shutdown();
  }

  /** Asks the guest to boot anew. virDomainReboot() @throws LibvirtError */
  reboot(domain: Domain): void {
    this.running(domain).guest.reboot();
  }

  /** Boots the guest anew, at once. virDomainReset() @throws LibvirtError */
  reset(domain: Domain): void {
    this.running(domain).guest.reset();
  }

  /** virDomainSuspend() @throws LibvirtError */
  suspend(domain: Domain): void {
    const running = this.running(domain);
    running.guest.pause(true);
    running.reason = 'user';
  }

  /** virDomainResume() @throws LibvirtError */
  resume(domain: Domain): void {
    const running = this.running(domain);
    if (running.guest.state !== 'paused')
      throw new LibvirtError('operation-invalid', 'domain is already running');
    running.guest.pause(false);
    running.reason = 'unpaused';
  }

  /** Forgets a definition; what runs goes on. virDomainUndefine() @throws LibvirtError */
  undefine(domain: Domain): void {
    if (domain.persistent === undefined)
      throw new LibvirtError('operation-invalid', 'cannot undefine transient domain');
    this.#store.remove(domain.name);
    domain.autostart = false;
    if (domain.active) domain.persistent = undefined;
    else this.#domains.delete(domain.uuid);
  }

  /** virDomainSetAutostart() @throws LibvirtError */
  setAutostart(domain: Domain, on: boolean): void {
    if (domain.persistent === undefined)
      throw new LibvirtError('operation-invalid', 'cannot set autostart for transient domain');
    if (domain.autostart === on) return;
    this.#store.setAutostart(domain.name, on);
    domain.autostart = on;
  }

  /** Gives a domain that does not run another name. virDomainRename() @throws LibvirtError */
  rename(domain: Domain, name: string): void {
    if (domain.active) throw new LibvirtError('operation-invalid', 'cannot rename active domain');
    if (this.all().some((d) => d.name === name))
      throw new LibvirtError('operation-invalid', `domain with name '${name}' already exists`);
    const def = domain.persistent as DomainDef;
    this.#store.remove(def.name);
    def.name = name;
    this.#store.save(def);
  }

  /** A domain as XML. virDomainGetXMLDesc() */
  xml(domain: Domain, inactive: boolean): string {
    if (inactive && domain.persistent !== undefined) return domain.persistent.format();
    return domain.def.format(domain.id);
  }

  /** Plugs an interface in, takes one out, or changes one; in what runs, in what is defined, or both. @throws LibvirtError */
  async changeInterface(domain: Domain, change: InterfaceChange): Promise<void> {
    await changeInterface(this.#plugs, domain, change, this.#random);
    if (change.config && domain.persistent !== undefined) this.#store.save(domain.persistent);
    if (change.live) this.#saveState(domain);
  }
}
