import { formatIpv4, type Ipv4Addr, type MacAddr } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { BOOTP_BROADCAST, DhcpMessage } from '@labwire/devices/dhcp';
import { neighAdd } from '@labwire/devices/rtnetlink';
import type { Received, Socket } from '@labwire/devices/sock';
import { openUdp } from '../../../libc-net/index.ts';
import type { Daemon } from '../../daemon.ts';
import { EC_BADNET, Fatal } from '../../fatal.ts';
import type { Reply } from '../rfc2131/index.ts';

const ANY = 0 as Ipv4Addr;
const BROADCAST = -1 as Ipv4Addr;
/** IPTOS_CLASS_CS6 */
const TOS = 0xc0;
const ARPHRD_ETHER = 1;

/** The server's socket. dnsmasq src/dhcp.c, make_fd() */
export class DhcpSocket {
  readonly #daemon: Daemon;
  readonly sock: Socket;

  /** @throws Fatal */
  constructor(daemon: Daemon) {
    this.#daemon = daemon;
    const { config, proc } = daemon;
    this.sock = openUdp(proc, 'inet');
    this.sock.pmtuDisc = 'dont';
    this.sock.tos = TOS;
    this.sock.broadcast = true;
    if (daemon.network.bound) {
      this.sock.reusePort = true;
      this.sock.reuseAddr = true;
    }
    try {
      this.sock.bind({ addr: ANY, port: config.dhcp.serverPort });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new Fatal(`failed to bind DHCP server socket: ${strerror(e.errno)}`, EC_BADNET);
    }
  }

  /** Hears one device alone from now on. bindtodevice() */
  bindToDevice(name: string): void {
    this.sock.boundDev = this.#daemon.proc.netns.devices.byName(name) ?? null;
  }

  /** Takes a message. */
  receive(): Received | undefined {
    try {
      return this.sock.recv(65_536);
    } catch (e) {
      // an ICMP error about an earlier reply
      if (e instanceof KernelError) return undefined;
      throw e;
    }
  }

  /** Sends a reply to a relay, to an address that the client has, or to a client that has none yet. End of dhcp_packet() */
  send(reply: Reply, from: Received): void {
    const { config } = this.#daemon;
    const { serverPort, clientPort } = config.dhcp;
    const message = new DhcpMessage(reply.data);
    const { giaddr, ciaddr, yiaddr } = message;
    if (giaddr !== ANY) this.#transmit(reply.data, giaddr, serverPort, 0);
    else if (ciaddr !== ANY) {
      const source = (from.from?.addr ?? ANY) as Ipv4Addr;
      const port = from.from?.port ?? 0;
      const trusted = (reply.inform || source === ciaddr) && source !== ANY && port !== 0;
      if (trusted) this.#transmit(reply.data, source, port, 0);
      else this.#transmit(reply.data, ciaddr, clientPort, 0);
    } else {
      const broadcast = (message.flags & BOOTP_BROADCAST) !== 0 || message.hlen === 0;
      const many = broadcast || message.htype !== ARPHRD_ETHER || message.hlen !== 6;
      if (!many) this.#introduce(message, from.ifindex ?? 0);
      this.#transmit(reply.data, many ? BROADCAST : yiaddr, clientPort, from.ifindex ?? 0);
    }
  }

  /** Tells the kernel the hardware address of a client that cannot answer ARP yet. SIOCSARP */
  #introduce({ yiaddr, chaddr }: DhcpMessage, ifindex: number): void {
    const lladdr = chaddr.reduce((sum, byte) => sum * 256 + byte, 0) as MacAddr;
    const entry = { family: 'inet', ifindex, dst: yiaddr, lladdr, state: 'STALE' } as const;
    try {
      neighAdd(this.#daemon.proc.netns, entry, { create: true, replace: true });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#daemon.log.error(`ARP-cache injection failed: ${strerror(e.errno)}`, 'dhcp');
    }
  }

  #transmit(data: Uint8Array, addr: Ipv4Addr, port: number, ifindex: number): void {
    try {
      this.sock.send(data, ifindex === 0 ? { addr, port } : { addr, port, scopeId: ifindex });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const text = `Error sending DHCP packet to ${formatIpv4(addr)}: ${strerror(e.errno)}`;
      this.#daemon.log.warning(text, 'dhcp');
    }
  }
}
