import { IPV4_ANY, IPV6_ANY } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { linkDump } from '@labwire/devices/rtnetlink';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import { closeSocket, familyOf, formatInet, sameInet } from '../../../libc-net/index.ts';
import type { ServerRule } from '../../config/index.ts';
import type { Daemon } from '../../daemon.ts';
import { DomainServer } from './domain-server.ts';
import { serversOfResolvFile } from './resolv-file.ts';
import { ServerTable } from './server-table.ts';
import { bindSource, needsOwnSocket } from './source-socket.ts';

/** SERVERS_LOGGED, LOCALS_LOGGED */
const SERVERS_LOGGED = 30;
const LOCALS_LOGGED = 8;

/** How a server has done. */
export interface ServerSummary {
  /** Address and port. */
  readonly text: string;
  queries: number;
  failed: number;
  nxdomains: number;
  retries: number;
  /** Milliseconds, on average. */
  latency: number;
}

const NO_SUMMARY = { queries: 0, failed: 0, nxdomains: 0, retries: 0, latency: 0 };

/** An address as it is logged, with the device of a link-local one. prettyprint_addr() */
export function showAddress(daemon: Daemon, { addr, scopeId = 0 }: SockAddr): string {
  const device = linkDump(daemon.proc.netns).find((l) => l.ifindex === scopeId)?.name;
  return device === undefined ? formatInet(addr) : `${formatInet(addr)}%${device}`;
}

/** The servers that questions go to, from options, --servers-file and resolv.conf. dnsmasq src/network.c */
export class Servers {
  readonly #daemon: Daemon;
  #servers: DomainServer[] = [];
  #table = new ServerTable([]);
  /** What each resolv.conf looked like when it was read. */
  readonly #looks = new Map<string, string>();
  /** Sockets of --query-port that stay open whether there are servers for them or not. */
  readonly #fixed = new Map<'inet' | 'inet6', Socket>();
  #warnedEmpty = false;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
    this.#servers = daemon.config.servers.map((rule) => new DomainServer(rule));
  }

  get table(): ServerTable {
    return this.#table;
  }

  /** All upstream servers, in their order. */
  get upstreams(): readonly DomainServer[] {
    return this.#servers.filter((s) => s.rule.kind === 'upstream');
  }

  /** Opens sockets that need root's rights: those with a port of their own. pre_allocate_sfds() */
  open(): void {
    if (this.#daemon.config.queryPort !== 0) this.#openFixed();
    for (const server of this.upstreams) this.#openSource(server);
  }

  #openFixed(): void {
    for (const addr of [IPV4_ANY, IPV6_ANY])
      try {
        const rule = { from: undefined, to: { addr, port: 0 }, device: '' };
        this.#fixed.set(familyOf(addr), bindSource(this.#daemon, rule));
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
      }
  }

  #openSource(server: DomainServer): KernelError | undefined {
    if (server.socket !== undefined || !needsOwnSocket(this.#daemon.config, server.rule))
      return undefined;
    const twin = this.upstreams.find(
      (s) => s.socket !== undefined && sourceKey(s) === sourceKey(server),
    );
    try {
      const { from, to, device } = server.rule;
      const fixed = from === undefined && device === '' && to !== undefined;
      const known = fixed ? this.#fixed.get(familyOf(to.addr)) : undefined;
      server.socket = twin?.socket ?? known ?? bindSource(this.#daemon, server.rule);
      return undefined;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      return e;
    }
  }

  /** What is known of each server, rules for several domains taken together. */
  summary(): ServerSummary[] {
    const found = new Map<string, ServerSummary>();
    const counts = new Map<string, number>();
    for (const s of this.upstreams) {
      const to = s.rule.to as SockAddr;
      const text = `${showAddress(this.#daemon, to)}#${to.port}`;
      const sum = found.get(text) ?? { ...NO_SUMMARY, text };
      sum.queries += s.queries;
      sum.failed += s.failed;
      sum.nxdomains += s.nxdomains;
      sum.retries += s.retries;
      sum.latency += s.latency;
      counts.set(text, (counts.get(text) ?? 0) + 1);
      found.set(text, sum);
    }
    for (const sum of found.values())
      sum.latency = Math.trunc(sum.latency / (counts.get(sum.text) ?? 1));
    return [...found.values()];
  }

  /** The sockets that were opened for servers. */
  get sockets(): ReadonlySet<Socket> {
    const own = this.upstreams.map((s) => s.socket).filter((s) => s !== undefined);
    return new Set([...this.#fixed.values(), ...own]);
  }

  /** Puts other servers in the place of those that came from `origin`; one that was there before stays as it was. */
  #replace(origin: ServerRule['origin'], rules: readonly ServerRule[]): void {
    const old = this.#servers.filter((s) => s.rule.origin === origin);
    const fresh = rules.map(
      (rule) => old.find((s) => sameServer(s.rule, rule)) ?? new DomainServer(rule),
    );
    for (const gone of old) if (!fresh.includes(gone)) this.#closeSource(gone);
    const rest = this.#servers.filter((s) => s.rule.origin !== origin);
    const upstream = (s: DomainServer) => s.rule.kind === 'upstream';
    this.#servers = [...fresh.filter((s) => !upstream(s)), ...rest, ...fresh.filter(upstream)];
  }

  #closeSource(server: DomainServer): void {
    const { socket } = server;
    server.socket = undefined;
    if (socket !== undefined && !this.sockets.has(socket)) closeSocket(this.#daemon.proc, socket);
  }

  /** Reads --servers-file. read_servers_file() */
  async readServersFile(): Promise<void> {
    const { config, reader, log } = this.#daemon;
    if (config.serversFile === undefined) return;
    const keep = config.servers.filter((rule) => rule.origin !== 'servers-file');
    config.servers.splice(0, config.servers.length, ...keep);
    try {
      await reader.again(config.serversFile, 'servers', (message) => log.error(message));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      log.error(`cannot read ${config.serversFile}: ${strerror(e.errno)}`);
      return;
    }
    this.#replace(
      'servers-file',
      config.servers.filter((rule) => rule.origin === 'servers-file'),
    );
    this.check();
  }

  /** Reads the resolv.conf of --no-poll, which is not watched. */
  readOnlyFile(): void {
    const [path] = this.#files();
    if (path !== undefined && this.#daemon.config.has('no-poll')) this.#read(path);
  }

  #files(): readonly string[] {
    const { config } = this.#daemon;
    return config.has('no-resolv') ? [] : config.resolvFiles;
  }

  /**
   * Reads the resolv.conf that changed last, if one did. poll_resolv()
   * @param force whether it changed or not
   * @returns whether servers were read
   */
  poll(force: boolean): boolean {
    if (this.#daemon.config.has('no-poll')) return false;
    let latest: string | undefined;
    let changed = -1;
    for (const path of this.#files()) {
      const mtime = this.#look(path, force);
      if (mtime === undefined || mtime <= changed) continue;
      changed = mtime;
      latest = path;
    }
    if (latest === undefined) return false;
    if (!this.#read(latest)) {
      this.#looks.delete(latest);
      this.#rebuild();
      if (!this.#warnedEmpty) this.#daemon.log.warning(`no servers found in ${latest}, will retry`);
      this.#warnedEmpty = true;
      return false;
    }
    this.#daemon.log.info(`reading ${latest}`);
    this.#warnedEmpty = false;
    this.check();
    return true;
  }

  /** @returns when a file changed (seconds), undefined if it is as it was or is not there */
  #look(path: string, force: boolean): number | undefined {
    try {
      const { mtime, ino, size } = this.#daemon.proc.fs.stat(path);
      const look = `${ino} ${size} ${mtime}`;
      if (!force && this.#looks.get(path) === look) return undefined;
      this.#looks.set(path, look);
      return mtime;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#looks.delete(path);
      return undefined;
    }
  }

  #read(path: string): boolean {
    const { proc, log } = this.#daemon;
    try {
      const rules = serversOfResolvFile(proc, proc.fs.readText(path));
      this.#replace('resolv-file', rules);
      return rules.length > 0;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      log.error(`failed to read ${path}: ${strerror(e.errno)}`);
      return false;
    }
  }

  /** Leaves out servers that cannot be asked, says which are used, and builds the table. check_servers() */
  check(): void {
    const { log, config, network } = this.#daemon;
    if (!config.has('bind-interfaces')) network.enumerate();
    let count = 0;
    for (const server of this.upstreams) {
      if (!this.#usable(server)) {
        this.#servers = this.#servers.filter((s) => s !== server);
        continue;
      }
      if (count === SERVERS_LOGGED) log.info('more servers are defined but not logged');
      if (++count <= SERVERS_LOGGED) log.info(this.#describe(server));
    }
    this.#logLocals();
    this.#rebuild();
  }

  #usable(server: DomainServer): boolean {
    const { to } = server.rule;
    if (to === undefined || to.addr === 0) return false;
    const { log, network } = this.#daemon;
    const text = showAddress(this.#daemon, to);
    const local = network.served.some(
      (s) => sameInet(s.addr, to.addr) && to.port === this.#daemon.config.port,
    );
    if (local) {
      log.warning(`ignoring nameserver ${text} - local interface`);
      return false;
    }
    const failure = this.#openSource(server);
    if (failure === undefined) return true;
    log.warning(
      `ignoring nameserver ${text} - cannot make/bind socket: ${strerror(failure.errno)}`,
    );
    return false;
  }

  #describe({ rule }: DomainServer): string {
    const { domain, noDots, wildcard, to, device } = rule;
    const text = `using nameserver ${showAddress(this.#daemon, to as SockAddr)}#${to?.port}`;
    if (noDots) return `${text} for unqualified names `;
    if (domain !== '') return `${text} for domain ${wildcard ? '*' : ''}${domain} `;
    return device === '' ? text : `${text}(via ${device})`;
  }

  #logLocals(): void {
    const { log } = this.#daemon;
    let locals = 0;
    let count = 0;
    for (const { rule } of this.#servers) {
      if (rule.kind === 'upstream' || ++count > SERVERS_LOGGED) continue;
      if (rule.kind === 'local' && rule.domain !== '') {
        count--;
        if (++locals <= LOCALS_LOGGED)
          log.info(`using only locally-known addresses for ${rule.domain}`);
      } else if (rule.kind === 'resolv') log.info(`using standard nameservers for ${rule.domain}`);
    }
    if (locals > LOCALS_LOGGED) log.info(`using ${locals - LOCALS_LOGGED} more local addresses`);
    if (count - 1 > SERVERS_LOGGED)
      log.info(`using ${count - SERVERS_LOGGED - 1} more nameservers`);
  }

  #rebuild(): void {
    const upstream = this.#servers.filter((s) => s.rule.kind === 'upstream');
    const others = this.#servers.filter((s) => s.rule.kind !== 'upstream');
    this.#table = new ServerTable([...upstream, ...others]);
  }
}

function sourceKey({ rule }: DomainServer): string {
  const { from, to, device } = rule;
  const family = typeof to?.addr;
  return `${family} ${from === undefined ? '' : `${formatInet(from.addr)} ${from.port}`} ${device}`;
}

function sameServer(a: ServerRule, b: ServerRule): boolean {
  if (a.kind !== b.kind || a.domain !== b.domain || a.noDots !== b.noDots) return false;
  if (a.to === undefined || b.to === undefined) return a.to === b.to && a.answer === b.answer;
  return sameInet(a.to.addr, b.to.addr) && a.to.port === b.to.port && a.device === b.device;
}
