import { IPV4_ANY, IPV6_ANY } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { SockAddr, Socket } from '@labwire/devices/sock';
import { closeSocket, familyOf, openUdp } from '../../../libc-net/index.ts';
import type { Config, ServerRule as Rule } from '../../config/index.ts';
import type { Daemon } from '../../daemon.ts';

/** Ranges smaller than this are searched one port after the other: SMALL_PORT_RANGE. */
const SMALL_RANGE = 30;
/** Ports that are tried in a large range. */
const TRIES = 100;

/** What a socket towards a server depends on. */
type ServerRule = Pick<Rule, 'from' | 'to' | 'device'>;

/** Where a server's queries come from; its port is 0 if any will do. */
function sourceOf({ queryPort }: Config, { from, to }: ServerRule): SockAddr {
  if (from !== undefined) return from;
  return { addr: typeof to?.addr === 'number' ? IPV4_ANY : IPV6_ANY, port: queryPort };
}

/** Whether all queries to a server go out of one socket. allocate_sfd() */
export function needsOwnSocket(config: Config, rule: ServerRule): boolean {
  return config.onePort || sourceOf(config, rule).port !== 0;
}

/** Ports to try in turn; 0 leaves the choice to the kernel. */
function ports({ config, proc }: Daemon, wanted: number): number[] {
  const { minPort, maxPort } = config;
  if (wanted !== 0 || maxPort === 0) return [wanted];
  const count = maxPort - minPort + 1;
  const { random } = proc.machine.kernel;
  const first = random.below(count);
  if (count < SMALL_RANGE)
    return Array.from({ length: count }, (_, i) => minPort + ((first + i) % count));
  return Array.from({ length: TRIES }, (_, i) => minPort + (i === 0 ? first : random.below(count)));
}

/** Opens a socket for queries to a server. local_bind() @throws KernelError */
export function bindSource(daemon: Daemon, rule: ServerRule): Socket {
  const { proc, config } = daemon;
  const source = sourceOf(config, rule);
  const sock = openUdp(proc, familyOf(source.addr));
  try {
    sock.v6only = familyOf(source.addr) === 'inet6';
    if (rule.device !== '') sock.boundDev = deviceOf(daemon, rule.device);
    bindFirst(sock, source, ports(daemon, source.port));
    return sock;
  } catch (e) {
    closeSocket(proc, sock);
    throw e;
  }
}

function deviceOf({ proc }: Daemon, name: string): Socket['boundDev'] {
  const device = proc.netns.devices.list().find((d) => d.name === name);
  if (device === undefined) throw new KernelError('ENODEV');
  return device;
}

function bindFirst(sock: Socket, source: SockAddr, candidates: readonly number[]): void {
  const any = source.addr === IPV4_ANY || source.addr === IPV6_ANY;
  for (const [i, port] of candidates.entries()) {
    if (port === 0 && any) return;
    try {
      sock.bind({ ...source, port });
      return;
    } catch (e) {
      const again = e instanceof KernelError && (e.errno === 'EADDRINUSE' || e.errno === 'EACCES');
      if (!again || i === candidates.length - 1) throw e;
    }
  }
}
