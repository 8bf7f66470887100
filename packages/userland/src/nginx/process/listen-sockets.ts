import { errnoNumber, KernelError, strerror } from '@labwire/core/error';
import { MS } from '@labwire/core/sim';
import { closeSocket, familyOf, openTcp, type StreamSocket } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import type { ListenAddr, Listening } from '../conf/index.ts';

/** How often nginx tries to bind, and how long it waits between. nginx src/core/ngx_connection.c */
const TRIES = 5;
const PAUSE = 500 * MS;

/** Says what failed while sockets were opened. */
export type Emerg = (message: string) => Promise<void>;

/** Opens one socket. @throws KernelError, whose call `failed` names */
function open(proc: Process, at: ListenAddr, failed: { call: string }): StreamSocket {
  failed.call = `socket() ${at.text}`;
  const sock = openTcp(proc, familyOf(at.addr));
  try {
    sock.reuseAddr = true;
    sock.reusePort = at.reusePort;
    sock.v6only = at.ipv6only;
    failed.call = `bind() to ${at.text}`;
    sock.bind({ addr: at.addr, port: at.port });
    failed.call = `listen() to ${at.text}`;
    sock.listen(at.backlog);
    return sock;
  } catch (e) {
    closeSocket(proc, sock);
    throw e;
  }
}

/**
 * Opens the listening sockets, in several tries if an address is in use. ngx_open_listening_sockets()
 * @param kept sockets of an earlier configuration, by address
 * @param test only a configuration test: an address in use is no error
 * @returns undefined if one could not be opened, which has been said
 */
export async function openListeners(
  proc: Process,
  listening: readonly Listening[],
  kept: ReadonlyMap<string, StreamSocket>,
  emerg: Emerg,
  test: boolean,
): Promise<Map<Listening, StreamSocket> | undefined> {
  const sockets = new Map<Listening, StreamSocket>();
  for (let tries = 0; tries < TRIES; tries++) {
    let again = false;
    for (const each of listening) {
      if (sockets.has(each)) continue;
      const old = kept.get(each.at.text);
      const failed = { call: '' };
      try {
        sockets.set(each, old ?? open(proc, each.at, failed));
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        const inUse = e.errno === 'EADDRINUSE' && failed.call.startsWith('bind()');
        if (!inUse || !test)
          await emerg(`${failed.call} failed (${errnoNumber(e.errno)}: ${strerror(e.errno)})`);
        if (!inUse) return undefined;
        again ||= !test;
      }
    }
    if (!again) return sockets;
    await proc.sleep(PAUSE);
  }
  await emerg('still could not bind()');
  return undefined;
}
