import { type Ipv4Addr, MAC_BROADCAST, MAC_ZERO } from '@labwire/core/addr';
import { MS, POLLIN } from '@labwire/core/sim';
import {
  ARPOP_REPLY,
  ARPOP_REQUEST,
  checkArp,
  ETH_HLEN,
  ETH_P_ARP,
  ETH_ZLEN,
  readArp,
  writeArp,
} from '@labwire/core/wire';
import type { NetDevice } from '@labwire/devices/link';
import { closeFile, openPacket, type PacketFile } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';

/** Asks who has an address, and waits. @returns whether somebody has it. `arpping()` */
export async function isInUse(
  proc: Process,
  dev: NetDevice,
  addr: Ipv4Addr,
  timeout: number,
): Promise<boolean> {
  if (timeout === 0) return false;
  const sock = openPacket(proc, 'dgram', ETH_P_ARP, dev.ifindex);
  try {
    const request = new Uint8Array(ETH_ZLEN - ETH_HLEN);
    writeArp(request, 0, {
      op: ARPOP_REQUEST,
      sha: dev.addr,
      spa: 0 as Ipv4Addr,
      tha: MAC_ZERO,
      tpa: addr,
    });
    sock.socket.send(request, { protocol: ETH_P_ARP, lladdr: MAC_BROADCAST });
    const end = proc.now + timeout * MS;
    while (proc.now < end) {
      await proc.poll([{ on: sock.socket, events: POLLIN }], end - proc.now, 'an ARP reply');
      if (takeReply(sock, addr)) return true;
    }
    return false;
  } finally {
    closeFile(proc, sock);
  }
}

/** Takes all that came. @returns whether a reply for the address was among it */
function takeReply(sock: PacketFile, addr: Ipv4Addr): boolean {
  for (;;) {
    const got = sock.socket.recv();
    if (got === undefined) return false;
    if (checkArp(got.data, 0, got.data.length) !== undefined) continue;
    const { op, spa } = readArp(got.data, 0);
    if (op === ARPOP_REPLY && spa === addr) return true;
  }
}
