import type { IoSocket } from '@labwire/devices/sock';
import { openSockets } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';

/**
 * Who has a socket open: `users:(("nginx",pid=12,fd=6),…)`, the latest process first. Only root sees others' processes.
 * Source: iproute2 misc/ss.c, user_ent_hash_build() and find_entry().
 */
export function usersOf(proc: Process, socket: IoSocket | undefined): string {
  if (socket === undefined) return '';
  const entries = openSockets(proc)
    .filter((open) => open.socket === socket)
    .reverse()
    .map(({ proc: p, fd }) => `("${p.comm}",pid=${p.pid},fd=${fd})`);
  return entries.length === 0 ? '' : `users:(${entries.join(',')})`;
}
