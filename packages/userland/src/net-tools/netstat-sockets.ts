import type { Ipv4Addr } from '@labwire/core/addr';
import type { SockAddr, SockInfo, SockState } from '@labwire/devices/sock';
import { userNames } from '../base/index.ts';
import { formatInet, serviceByPort } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { reverse } from '../resolver/index.ts';
import { inetName } from './inet.ts';
import { unixLines } from './netstat-unix.ts';
import { ProgramNames } from './program-names.ts';

/** Protocols that have tables of their own. */
export type Protocol = 'tcp' | 'udp' | 'raw' | 'unix';

/** Which sockets are shown, and how. */
export interface NetstatOptions {
  readonly protocols: ReadonlySet<Protocol | 'other'>;
  /** Both if empty. */
  readonly families: ReadonlySet<'inet' | 'inet6'>;
  readonly all: boolean;
  readonly listening: boolean;
  readonly extended: number;
  readonly programs: boolean;
  readonly timers: boolean;
  readonly wide: boolean;
  readonly numericHosts: boolean;
  readonly numericPorts: boolean;
  readonly numericUsers: boolean;
}

const HEADER = 'Proto Recv-Q Send-Q Local Address           Foreign Address         State      ';
const UNIX_HEADER = 'Proto RefCnt Flags       Type       State         I-Node  ';
const NET24 = -256 as Ipv4Addr;

/** TCP states as this program writes them. netstat.c, tcp_state[] */
const TCP_STATES: Readonly<Record<SockState, string>> = {
  ESTAB: 'ESTABLISHED',
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECV': 'SYN_RECV',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'TIME-WAIT': 'TIME_WAIT',
  UNCONN: 'CLOSE',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
  LISTEN: 'LISTEN',
  CLOSING: 'CLOSING',
};

/** What `-o` calls the timers. */
const TIMERS: Readonly<Record<string, string>> = { persist: 'probe' };

/** TCP_CLOSE, which is all that raw sockets have for a state. */
const RAW_STATE = '7';

/** The tables of sockets of the protocols that are asked for. netstat.c, main() */
export async function showSockets(proc: Process, o: NetstatOptions): Promise<void> {
  const names = o.programs ? await ProgramNames.load(proc) : undefined;
  const which = o.all ? 'servers and established' : o.listening ? 'only servers' : 'w/o servers';
  const banner = names === undefined ? '' : ` ${'PID/Program name'.padEnd(20)}`;
  if ([...o.protocols].some((p) => p !== 'unix')) {
    const users = o.extended > 0 ? ' User       Inode     ' : '';
    const timer = o.timers ? ' Timer' : '';
    await proc.out(`Active Internet connections (${which})\n${HEADER}${users}${banner}${timer}\n`);
    for (const sock of socketsOf(proc, o)) await proc.out(await line(proc, o, sock, names));
  }
  if (o.protocols.has('unix'))
    await proc.out(
      `Active UNIX domain sockets (${which})\n${UNIX_HEADER}${banner} Path\n${unixLines(proc, o, names)}`,
    );
}

function socketsOf(proc: Process, o: NetstatOptions): SockInfo[] {
  const { netns } = proc;
  const dumps = {
    tcp: () => netns.tcp.dump(),
    udp: () => netns.udp.dump(),
    raw: () => netns.ipv4.raw?.dump() ?? [],
  };
  const wanted = (['tcp', 'udp', 'raw'] as const).filter((p) => o.protocols.has(p));
  const families = (['inet', 'inet6'] as const).filter(
    (f) => o.families.size === 0 || o.families.has(f),
  );
  return wanted.flatMap((protocol) => {
    const all = dumps[protocol]().filter((s) => s.netid === protocol && isShown(s, o));
    return families.flatMap((family) => all.filter((s) => s.family === family));
  });
}

function isShown(sock: SockInfo, { all, listening }: NetstatOptions): boolean {
  const connected = sock.netid === 'tcp' ? sock.remote.port !== 0 : !isAny(sock.remote);
  return all || connected !== listening;
}

function isAny({ addr }: SockAddr): boolean {
  return typeof addr === 'number' ? addr === 0 : (addr.w0 | addr.w1 | addr.w2 | addr.w3) === 0;
}

/** `tcp_do_one()`, `udp_do_one()`, `raw_do_one()` */
async function line(
  proc: Process,
  o: NetstatOptions,
  sock: SockInfo,
  names: ProgramNames | undefined,
): Promise<string> {
  const protocol = sock.family === 'inet6' ? `${sock.netid}6` : sock.netid;
  const sendQ = sock.state === 'LISTEN' ? 0 : sock.sendQ;
  const queues = `${String(sock.recvQ).padStart(6)} ${String(sendQ).padStart(6)}`;
  const local = (await endText(proc, o, sock, sock.local)).padEnd(23);
  const remote = (await endText(proc, o, sock, sock.remote)).padEnd(23);
  const head = `${protocol.padEnd(5)} ${queues} ${local} ${remote} ${stateText(sock).padEnd(11)}`;
  const program = names === undefined ? '' : ` ${names.of(sock.socket).padEnd(20)}`;
  const timer = o.timers ? ` ${timerText(sock)}` : '';
  return `${head}${ownerText(proc, o, sock)}${program}${timer}\n`;
}

function stateText({ netid, state }: SockInfo): string {
  if (netid === 'raw') return RAW_STATE;
  return netid === 'udp' && state === 'UNCONN' ? '' : TCP_STATES[state];
}

/** An address and a port; cut to 22 characters unless they may be wide. `addr_do_one()` */
async function endText(
  proc: Process,
  o: NetstatOptions,
  sock: SockInfo,
  end: SockAddr,
): Promise<string> {
  const host = await hostText(proc, end, o.numericHosts);
  const port = portText(proc, sock, end.port, o.numericPorts);
  if (o.wide || host.length + port.length <= 22) return `${host}:${port}`;
  const shownPort = port.slice(0, 18);
  return `${host.slice(0, 22 - shownPort.length)}:${shownPort}`;
}

async function hostText(proc: Process, end: SockAddr, numeric: boolean): Promise<string> {
  const { addr } = end;
  if (typeof addr === 'number') return inetName(proc, addr, { numeric, mask: NET24 });
  if (numeric) return formatInet(addr);
  return isAny(end) ? '[::]' : ((await reverse(proc, addr))?.name ?? formatInet(addr));
}

function portText(proc: Process, { netid }: SockInfo, port: number, numeric: boolean): string {
  if (port === 0) return '*';
  const name = numeric ? undefined : serviceByPort(proc.fs, port, netid)?.name;
  return name ?? String(port);
}

/** `finish_this_one()` */
function ownerText(proc: Process, o: NetstatOptions, { uid, ino }: SockInfo): string {
  if (o.extended === 0) return '';
  const user = o.numericUsers ? String(uid) : userNames(proc.fs).user(uid);
  return ` ${user.padEnd(10)} ${String(ino).padEnd(10)}`;
}

function timerText({ timer }: SockInfo): string {
  if (timer === undefined) return 'off (0.00/0/0)';
  const name = TIMERS[timer.kind] ?? timer.kind;
  return `${name} (${(timer.ms / 1000).toFixed(2)}/${timer.retrans}/0)`;
}
