import { KernelError } from '@labwire/core/error';
import { IPPROTO_TCP } from '@labwire/core/wire';
import type { SockAddr, Socket } from '../sock/socket.ts';

/**
 * Where a connection was going before it was redirected to a socket. SO_ORIGINAL_DST, IP6T_SO_ORIGINAL_DST
 * @param sock one that accept(2) or connect(2) gave its two ends
 * @throws {@link KernelError} ENOPROTOOPT if it is not of TCP, ENOENT if its connection is not tracked
 * Linux net/netfilter/nf_conntrack_proto.c, getorigdst()
 */
export function originalDst(sock: Socket): SockAddr {
  if (sock.protocol !== IPPROTO_TCP) throw new KernelError('ENOPROTOOPT');
  const local = sock.localAddr();
  const remote = sock.remoteAddr();
  const { conntrack } = sock.netns;
  if (remote === undefined || conntrack === null) throw new KernelError('ENOENT');
  const found = conntrack.find({
    src: local.addr,
    dst: remote.addr,
    proto: IPPROTO_TCP,
    sport: local.port,
    dport: remote.port,
  });
  if (found === null) throw new KernelError('ENOENT');
  const { dst, dport } = found.ct.orig;
  return { addr: dst, port: dport };
}
