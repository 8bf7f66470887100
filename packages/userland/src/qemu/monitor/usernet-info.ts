import type { Ipv4Addr } from '@labwire/core/addr';
import type { SockAddr } from '@labwire/devices/sock';
import { formatInet } from '../../libc-net/index.ts';
import type { Emulator } from '../machine/index.ts';
import { UserNet } from '../net/index.ts';

/** Descriptors before the first of a user-mode network's sockets. */
const FIRST_FD = 3;
const HEAD = '  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\n';

/** The end of a socket as a row shows it. */
interface End {
  readonly addr: Ipv4Addr;
  readonly port: number;
}

/** User-mode networks with their ids. */
export function userNets(emulator: Emulator): (readonly [id: string, net: UserNet])[] {
  return [...emulator.netdevs].flatMap(([id, { backend }]) =>
    backend instanceof UserNet ? [[id, backend] as const] : [],
  );
}

const end = (at: SockAddr | undefined): End => ({
  addr: (typeof at?.addr === 'number' ? at.addr : 0) as Ipv4Addr,
  port: at?.port ?? 0,
});

function row(what: string, fd: number, from: End, to: End): string {
  const source = from.addr === 0 ? '*' : formatInet(from.addr);
  const left = `${`  ${what}`.padEnd(19)} ${String(fd).padStart(3)} ${source.padStart(15)} ${String(from.port).padStart(5)}`;
  return `${left} ${formatInet(to.addr).padStart(15)} ${String(to.port).padStart(5)} ${'0'.padStart(5)} ${'0'.padStart(5)}\n`;
}

/**
 * `info usernet`. libslirp 4.7, src/misc.c, slirp_connection_info()
 * @deviation descriptors are numbered as the rows are; datagrams and pings under way are not shown
 */
export function usernetInfo(emulator: Emulator): string {
  return userNets(emulator)
    .map(([id, net]) => `Hub ${hubOf(emulator, net)} (${id}):\n${HEAD}${rows(net).join('')}`)
    .join('');
}

/** The hub that a backend is on; -1: none. */
function hubOf(emulator: Emulator, net: UserNet): number {
  const hubs = [...emulator.hubs.values()];
  return hubs.find((hub) => hub.ports.some((port) => port.backend === net))?.id ?? -1;
}

function rows(net: UserNet): string[] {
  let fd = FIRST_FD;
  const forwards = (protocol: string) => net.forwards.filter((f) => f.protocol === protocol);
  const forwarded = (protocol: string) =>
    forwards(protocol).map((f) =>
      row(
        `${protocol.toUpperCase()}[HOST_FORWARD]`,
        fd++,
        { addr: f.hostAddr, port: f.hostPort },
        { addr: f.guestAddr, port: f.guestPort },
      ),
    );
  const ports = forwards('tcp').map((f) => f.hostPort);
  const connections = net.connections.map(({ host, guest }) => {
    const state = (guest.tcb?.state ?? 'CLOSED')
      .replaceAll('-', '_')
      .replace(/WAIT(\d)/, 'WAIT_$1');
    const incoming = ports.includes(host.localAddr().port);
    const from = incoming ? end(host.localAddr()) : end(guest.remoteAddr());
    const to = incoming ? end(guest.remoteAddr()) : end(guest.localAddr());
    return row(`TCP[${state}]`, fd++, from, to);
  });
  return [...connections.reverse(), ...forwarded('tcp'), ...forwarded('udp')];
}
