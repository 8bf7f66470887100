import { SEC } from '@labwire/core/sim';
import { type Process, SIGHUP, SIGKILL, SIGTERM } from '../../../machine/index.ts';
import { LIB_DIR, LibvirtError, RUN_DIR, runCommand } from '../../base/index.ts';
import { escapeXml } from '../../xml/index.ts';
import { type NetworkDef, servesDhcp } from '../conf/index.ts';
import { type DnsmasqPaths, dnsmasqConfiguration } from './configuration.ts';
import { additionalHosts, hostsFile } from './host-files.ts';

/** Where dnsmasq's files of all networks are. */
export const DNSMASQ_DIR: string = `${LIB_DIR}/dnsmasq`;
/** How long a dnsmasq may take to end. */
const KILL_AFTER = 10 * SEC;
const LEASES_HELPER = '/usr/lib/libvirt/libvirt_leaseshelper';

/** A network's files. But for the configuration, names stand in them as they would in XML: virPidFileBuildPath(), dnsmasqContextNew() */
function pathsOf({ name }: NetworkDef): DnsmasqPaths & { readonly conf: string } {
  const escaped = escapeXml(name);
  return {
    pid: `${RUN_DIR}/network/${escaped}.pid`,
    conf: `${DNSMASQ_DIR}/${name}.conf`,
    hosts: `${DNSMASQ_DIR}/${escaped}.hostsfile`,
    additionalHosts: `${DNSMASQ_DIR}/${escaped}.addnhosts`,
  };
}

/** The dnsmasq of each network. libvirt src/network/bridge_driver.c and src/util/virdnsmasq.c */
export class DnsmasqRunner {
  readonly #proc: Process;

  constructor(proc: Process) {
    this.#proc = proc;
  }

  /** Starts a network's dnsmasq, if there is anything for it to do. networkStartDhcpDaemon() @returns its pid @throws LibvirtError */
  async start(def: NetworkDef): Promise<number | undefined> {
    if (def.ips.length === 0) return undefined;
    const needed = def.ips.some((ip) => servesDhcp(ip) || ip.tftpRoot !== undefined);
    if (!needed && def.dns.enable === 'no') return undefined;
    const { fs } = this.#proc;
    fs.mkdir(`${RUN_DIR}/network`, { recursive: true });
    fs.mkdir(DNSMASQ_DIR, { recursive: true });
    const paths = pathsOf(def);
    fs.writeFile(paths.conf, dnsmasqConfiguration(def, paths), { mode: 0o600 });
    this.#writeHosts(def);
    await this.#run(def, paths.conf);
    return Number(fs.readText(paths.pid)) || undefined;
  }

  async #run(def: NetworkDef, conf: string): Promise<void> {
    const args = [`--conf-file=${conf}`, '--leasefile-ro', `--dhcp-script=${LEASES_HELPER}`];
    const env = { VIR_BRIDGE_NAME: def.bridge ?? '' };
    const { path, status, err } = await runCommand(this.#proc, ['dnsmasq', ...args], env);
    if (status === 0) return;
    const shown = `VIR_BRIDGE_NAME=${def.bridge} ${[path, ...args].join(' ')}`;
    throw new LibvirtError(
      'internal',
      `Child process (${shown}) unexpected exit status ${status}: ${err}`,
    );
  }

  /** dnsmasqSave() */
  #writeHosts(def: NetworkDef): void {
    const { fs } = this.#proc;
    const paths = pathsOf(def);
    fs.writeFile(paths.hosts, hostsFile(def));
    fs.writeFile(paths.additionalHosts, additionalHosts(def));
  }

  /** Writes the host files anew and has dnsmasq read them; starts it if it does not run. networkRefreshDhcpDaemon() @returns its pid @throws LibvirtError */
  async refresh(def: NetworkDef, pid: number | undefined): Promise<number | undefined> {
    if (def.ips.length === 0) return pid;
    const running = this.#process(pid);
    if (running === undefined) return this.start(def);
    this.#writeHosts(def);
    running.kill(SIGHUP);
    return pid;
  }

  /** Ends it and starts it with a new configuration. networkRestartDhcpDaemon() @throws LibvirtError */
  async restart(def: NetworkDef, pid: number | undefined): Promise<number | undefined> {
    await this.stop(pid);
    return this.start(def);
  }

  /** Ends it. virProcessKillPainfully() */
  async stop(pid: number | undefined): Promise<void> {
    const running = this.#process(pid);
    if (running === undefined) return;
    running.kill(SIGTERM);
    const ended = { wq: running.endWq, poll: () => (running.exitCode === undefined ? 0 : 1) };
    const gone = await this.#proc.poll([{ on: ended, events: 1 }], KILL_AFTER, 'dnsmasq to end');
    if (!gone) running.kill(SIGKILL);
  }

  /** The pid that a network's dnsmasq wrote, if it still runs: for a daemon that was started anew. virPidFileReadIfAlive() */
  runningPid(def: NetworkDef): number | undefined {
    const file = pathsOf(def).pid;
    const { fs } = this.#proc;
    const pid = fs.exists(file) ? Number(fs.readText(file)) : undefined;
    return this.#process(pid)?.comm === 'dnsmasq' ? pid : undefined;
  }

  /** Takes away what is left of an undefined network. networkRemoveInactive() */
  removeFiles(def: NetworkDef): void {
    const { fs } = this.#proc;
    const { hosts, additionalHosts: hostNames, conf } = pathsOf(def);
    const own = [hosts, hostNames, conf, `${DNSMASQ_DIR}/${def.name}.leases`];
    const ofBridge =
      def.bridge === undefined ? [] : [statusFileOf(def.bridge), macsFileOf(def.bridge)];
    for (const path of [...own, ...ofBridge]) if (fs.exists(path)) fs.unlink(path);
  }

  #process(pid: number | undefined): Process | undefined {
    const found = pid === undefined ? undefined : this.#proc.machine.processes.get(pid);
    return found?.exitCode === undefined ? found : undefined;
  }
}

/** The leases of a bridge's network, as the lease helper writes them. */
export function statusFileOf(bridge: string): string {
  return `${DNSMASQ_DIR}/${bridge}.status`;
}

/** Which guest has which MACs on a bridge. */
export function macsFileOf(bridge: string): string {
  return `${DNSMASQ_DIR}/${bridge}.macs`;
}
