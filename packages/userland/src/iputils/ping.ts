import { IPV4_ANY, isLinkLocal6, isMulticast4, isMulticast6 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { addrDump, type Family, type InetAddr } from '@labwire/devices/rtnetlink';
import type { DatagramSocket, SockAddr, Socket } from '@labwire/devices/sock';
import {
  closeSocket,
  familyOf,
  formatSockHost,
  getopt,
  inetAton,
  installSocket,
  openUdp,
  SignalFlag,
  sameInet,
} from '../libc-net/index.ts';
import { type Process, SIGINT, SIGQUIT } from '../machine/index.ts';
import { gaiStrerror, resolve } from '../resolver/index.ts';
import {
  OPTION_SPACE,
  recordRouteOption,
  TIMESTAMP_TYPES,
  timestampOption,
} from './ping-ip-options.ts';
import {
  MIN_USER_INTERVAL,
  PING_OPTIONS,
  type PingOptions,
  readPingOptions,
} from './ping-options.ts';
import { newEcho, parsePattern } from './ping-payload.ts';
import { hostText, PingSession } from './ping-session.ts';
import { PING_USAGE, PING_VERSION } from './ping-usage.ts';
import { ProgramError, reportErrors, warn } from './program-error.ts';

/** A port that nobody listens at, for the socket that asks which source address the kernel would take. */
const PROBE_PORT = 1025;
const INT_MAX = 2_147_483_647;

/** ping(8). iputils ping/ping.c */
export function ping(proc: Process): Promise<number> {
  return reportErrors(proc, async () => {
    const { options: found, operands, error } = getopt(proc.argv.slice(1), PING_OPTIONS.letters);
    if (error !== undefined) {
      await warn(proc, error);
      return usage(proc);
    }
    const first = found.find(({ opt }) => 'hV?'.includes(opt));
    if (first?.opt === 'V') {
      await proc.out(PING_VERSION);
      return 0;
    }
    if (first !== undefined) return usage(proc);
    const complaints: string[] = [];
    const options = readPingOptions(found, proc.uid, complaints);
    if (proc.argv[0]?.endsWith('4')) options.family ??= 'inet';
    if (proc.argv[0]?.endsWith('6')) options.family ??= 'inet6';
    for (const each of complaints) await warn(proc, each);
    return start(proc, options, operands);
  });
}

async function usage(proc: Process): Promise<number> {
  await proc.err(PING_USAGE);
  return 2;
}

async function start(proc: Process, o: PingOptions, operands: readonly string[]): Promise<number> {
  const target = operands.at(-1);
  if (target === undefined) throw new ProgramError(1, 'usage error', 'EDESTADDRREQ');
  const pattern = o.pattern === undefined ? [] : parsePattern(o.pattern);
  if (o.pattern !== undefined && !o.quiet) await announcePattern(proc, o, pattern);
  const routed = operands.length > 1;
  if (routed && !mayBeRoute(o, operands.length)) return usage(proc);
  if (o.verbose) await announceSockets(proc, o);
  const found = await resolve(proc, target);
  if ('error' in found) throw new ProgramError(2, `${target}: ${gaiStrerror(found.error)}`);
  const addrs = found.addrs.filter((a) => (o.family ?? familyOf(a.addr)) === familyOf(a.addr));
  if (addrs.length === 0) throw new ProgramError(2, `${target}: ${gaiStrerror('EAI_ADDRFAMILY')}`);
  const route = routed ? await resolveRoute(proc, operands.slice(0, -1)) : [];
  for (const [i, to] of addrs.entries()) {
    if (o.verbose) await announceAddress(proc, to, found.canonName);
    const status = await runOn(
      proc,
      { ...o },
      target,
      found.canonName,
      to,
      { pattern, route },
      i + 1 < addrs.length,
    );
    if (status !== undefined) return status;
  }
  return 2;
}

async function announcePattern(
  proc: Process,
  o: PingOptions,
  pattern: readonly number[],
): Promise<void> {
  const shown = pattern.slice(0, Math.max(o.size, pattern.length));
  await proc.out(`PATTERN: 0x${shown.map((b) => b.toString(16).padStart(2, '0')).join('')}\n`);
}

async function announceSockets(proc: Process, o: PingOptions): Promise<void> {
  const fd = (family: Family, n: number) =>
    o.family === undefined || o.family === family
      ? `${n} (socktype: SOCK_DGRAM)`
      : '-1 (socktype: 0)';
  const wanted = o.family === undefined ? 'AF_UNSPEC' : afName(o.family);
  const v6 = o.family === undefined ? 4 : 3;
  await warn(
    proc,
    `sock4.fd: ${fd('inet', 3)}, sock6.fd: ${fd('inet6', v6)}, hints.ai_family: ${wanted}\n`,
  );
}

function announceAddress(proc: Process, to: SockAddr, canonName: string): Promise<void> {
  return proc.out(
    `ai->ai_family: ${afName(familyOf(to.addr))}, ai->ai_canonname: '${canonName}'\n`,
  );
}

function afName(family: Family): string {
  return family === 'inet' ? 'AF_INET' : 'AF_INET6';
}

/** Pings one address. @returns the exit status; undefined to go on to the next address */
async function runOn(
  proc: Process,
  o: PingOptions,
  target: string,
  canonName: string,
  addr: SockAddr,
  { pattern, route }: { readonly pattern: readonly number[]; readonly route: readonly InetAddr[] },
  more: boolean,
): Promise<number | undefined> {
  const family = familyOf(addr.addr);
  const v4 = family === 'inet';
  const sock = v4 ? proc.netns.ipv4.openPing() : proc.netns.ipv6.openPing();
  installSocket(proc, sock);
  if (v4 ? inetAton(target) !== undefined : target.includes(':')) o.numeric = true;
  const hostname = !v4 || inetAton(target) !== undefined ? target : canonName;
  const source = await chooseSource(proc, o, sock, addr, more);
  if (source === undefined) {
    closeSocket(proc, sock);
    return undefined;
  }
  const to = addr.addr === IPV4_ANY ? { addr: source.addr, port: 0 } : addr;
  const multicast = checkMulticast(proc, o, to);
  prepare(proc, o, sock, to, source);
  if (v4) setIpOptions(o, sock, route);
  const withOptions = o.recordRoute || o.timestampType !== undefined || route.length > 0;
  await printHeader(proc, o, hostname, to, source, v4 && withOptions ? OPTION_SPACE : 0);
  checkInterval(proc, o);
  const session = new PingSession(
    proc,
    o,
    { sock, to, hostname, multicast, packet: newEcho(family, o.size, pattern) },
    { stop: SignalFlag.catch(proc, SIGINT), status: SignalFlag.catch(proc, SIGQUIT) },
  );
  return session.run();
}

/** Whether what stands before the destination can be a route. ping4_run() */
function mayBeRoute(o: PingOptions, operands: number): boolean {
  if (o.recordRoute) return false;
  if (o.timestampType === undefined) return operands <= 10;
  return o.timestampType === TIMESTAMP_TYPES.tsprespec && operands <= 5;
}

/** @throws ProgramError */
async function resolveRoute(proc: Process, hosts: readonly string[]): Promise<InetAddr[]> {
  const route: InetAddr[] = [];
  for (const host of hosts) {
    const found = await resolve(proc, host, 'inet');
    if ('error' in found) throw new ProgramError(2, `${host}: ${gaiStrerror(found.error)}`);
    route.push((found.addrs[0] as SockAddr).addr);
  }
  return route;
}

/** Has options go with the requests. Source routes need a capability that ping has given up by now. @throws ProgramError */
function setIpOptions(o: PingOptions, sock: DatagramSocket, route: readonly InetAddr[]): void {
  sock.retOpts = true;
  if (o.recordRoute) sock.setIpOptions(recordRouteOption());
  else if (o.timestampType !== undefined)
    sock.setIpOptions(timestampOption(o.timestampType, route));
  else if (route.length > 0) throw new ProgramError(2, 'record route', 'EPERM');
}

/** Binds to a device as `-I` asks. */
function bindToDevice(proc: Process, o: PingOptions, family: Family, sock: Socket): void {
  if (o.device === undefined) return;
  const dev = proc.netns.devices.byName(o.device);
  if (dev === undefined && family === 'inet6')
    throw new ProgramError(2, `unknown iface: ${o.device}`);
  if (dev === undefined) throw new ProgramError(2, `SO_BINDTODEVICE ${o.device}`, 'ENODEV');
  sock.boundDev = dev;
}

/** The address that requests carry as their source. @returns undefined if the next destination is to be tried */
async function chooseSource(
  proc: Process,
  o: PingOptions,
  sock: Socket,
  to: SockAddr,
  more: boolean,
): Promise<SockAddr | undefined> {
  const family = familyOf(to.addr);
  if (o.source !== undefined && familyOf(o.source) === family) {
    bindToDevice(proc, o, family, sock);
    return { addr: o.source, port: 0 };
  }
  const probe = openUdp(proc, family);
  bindToDevice(proc, o, family, probe);
  bindToDevice(proc, o, family, sock);
  probe.tos = o.tos;
  if (o.mark !== undefined) await setMark(proc, o.mark, probe);
  try {
    // For a link-local destination ping leaves the family of the address it connects to unset, and learns nothing.
    if (!isOnLink(to) && !(await connectProbe(proc, o, probe, to, more))) return undefined;
    const { addr } = probe.localAddr();
    if (o.device !== undefined && !hasAddress(proc, o.device, addr))
      await warn(
        proc,
        `Warning: source address might be selected on device other than: ${o.device}`,
      );
    return { addr, port: 0 };
  } finally {
    closeSocket(proc, probe);
  }
}

async function setMark(proc: Process, mark: number, sock: Socket): Promise<void> {
  if (proc.uid !== 0)
    await warn(proc, `WARNING: failed to set mark: ${mark}: Operation not permitted`);
  else sock.mark = mark;
}

/** Whether an address means something on one link alone. */
function isOnLink({ addr }: SockAddr): boolean {
  if (typeof addr === 'number') return false;
  return isLinkLocal6(addr) || (isMulticast6(addr) && ((addr.w0 >>> 16) & 0xf) === 2);
}

/** Whether a device has an address: what getifaddrs(3) tells. */
function hasAddress(proc: Process, device: string, addr: InetAddr): boolean {
  const ifindex = proc.netns.devices.byName(device)?.ifindex;
  return addrDump(proc.netns).some((a) => a.ifindex === ifindex && sameInet(a.local, addr));
}

async function connectProbe(
  proc: Process,
  o: PingOptions,
  probe: Socket,
  to: SockAddr,
  more: boolean,
): Promise<boolean> {
  const at = { ...to, port: PROBE_PORT };
  try {
    probe.connect(at);
    return true;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    if (e.errno === 'EACCES' && typeof to.addr === 'number') {
      if (!o.broadcast)
        throw new ProgramError(
          2,
          'Do you want to ping broadcast? Then -b. If not, check your local firewall rules',
        );
      await proc.err('WARNING: pinging broadcast address\n');
      probe.broadcast = true;
      probe.connect(at);
      return true;
    }
    if ((e.errno === 'EHOSTUNREACH' || e.errno === 'ENETUNREACH') && more) return false;
    throw new ProgramError(2, 'connect', e.errno);
  }
}

function checkMulticast(proc: Process, o: PingOptions, to: SockAddr): boolean {
  const { addr } = to;
  const v4 = typeof addr === 'number';
  const multicast = v4 ? o.broadcast || isMulticast4(addr) : isMulticast6(addr);
  if (!multicast) return false;
  const what = v4 ? 'broadcast' : 'multicast';
  if (proc.uid !== 0 && o.interval < 1000)
    throw new ProgramError(2, `${what} ping with too short interval: ${o.interval}`);
  if (proc.uid !== 0 && o.pmtuDisc !== undefined && o.pmtuDisc !== 'do')
    throw new ProgramError(2, `${what} ping does not fragment`);
  o.pmtuDisc ??= 'do';
  return true;
}

/** Sets the options of the ICMP socket, and binds it where that was asked for. */
function prepare(
  proc: Process,
  o: PingOptions,
  sock: Socket,
  to: SockAddr,
  source: SockAddr,
): void {
  const v4 = typeof to.addr === 'number';
  const ident = Math.max(0, o.ident);
  if (o.strictSource || o.ident > 0) {
    try {
      sock.bind({ ...source, port: ident });
    } catch (e) {
      if (e instanceof KernelError)
        throw new ProgramError(2, v4 ? 'bind' : 'bind icmp socket', e.errno);
      throw e;
    }
  }
  sock.recvErr = true;
  sock.broadcast = o.broadcast;
  sock.tos = o.tos;
  sock.mcLoop = !o.noLoop;
  if (o.pmtuDisc !== undefined) sock.pmtuDisc = o.pmtuDisc;
  if (o.ttl !== undefined) {
    if (v4 && o.ttl === 0) throw new ProgramError(2, 'cannot set unicast time-to-live', 'EINVAL');
    sock.ttl = o.ttl;
    sock.mcastTtl = o.ttl;
  }
  if (o.mark !== undefined && proc.uid === 0) sock.mark = o.mark;
}

function checkInterval(proc: Process, o: PingOptions): void {
  const interval = o.flood && !o.intervalGiven ? 0 : o.interval;
  if (proc.uid !== 0 && interval < MIN_USER_INTERVAL)
    throw new ProgramError(
      2,
      `cannot flood; minimal interval allowed for user is ${MIN_USER_INTERVAL}ms`,
    );
  if (interval >= Math.trunc(INT_MAX / o.preload))
    throw new ProgramError(2, `illegal preload and/or interval: ${interval}`);
}

async function printHeader(
  proc: Process,
  o: PingOptions,
  hostname: string,
  to: SockAddr,
  source: SockAddr,
  extra: number,
): Promise<void> {
  const v4 = typeof to.addr === 'number';
  const host = v4 ? formatSockHost(to, proc.netns) : await hostText(proc, to, o.numeric);
  let text = v4 ? `PING ${hostname} (${host}) ` : `PING ${hostname}(${host}) `;
  if (o.device !== undefined || o.strictSource)
    text += `from ${formatSockHost(source, proc.netns)} ${o.device ?? ''}: `;
  text += v4 ? `${o.size}(${o.size + 28 + extra}) bytes of data.\n` : `${o.size} data bytes\n`;
  await proc.out(text);
}
