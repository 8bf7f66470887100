import { IPV6_ANY, type Ipv6Addr, parseIpv6 } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { type Nanos, POLLIN } from '@labwire/core/sim';
import type { DatagramSocket, Received } from '@labwire/devices/sock';
import { installSocket } from '../../../libc-net/index.ts';
import type { PollItem } from '../../../machine/index.ts';
import type { Daemon } from '../../daemon.ts';
import { EC_BADNET, Fatal } from '../../fatal.ts';
import { joinMulticast } from '../../network/index.ts';
import type { Service } from '../../service.ts';
import { onlyDevice } from './announcement.ts';

const SERVER_PORT = 547;
/** IPTOS_CLASS_CS6 */
const TCLASS = 0xc0;
/** All_DHCP_Relay_Agents_and_Servers and All_DHCP_Servers. RFC 8415 section 7.1. */
const GROUPS = ['ff02::1:2', 'ff05::1:3'].map((text) => parseIpv6(text) as Ipv6Addr);
const MAX_MESSAGE = 65_536;
/** By their numbers. RFC 8415 section 7.3. */
const MESSAGES = [
  'message 0',
  'DHCPSOLICIT',
  'DHCPADVERTISE',
  'DHCPREQUEST',
  'DHCPCONFIRM',
  'DHCPRENEW',
  'DHCPREBIND',
  'DHCPREPLY',
  'DHCPRELEASE',
  'DHCPDECLINE',
  'DHCPRECONFIGURE',
  'DHCPINFORMATION-REQUEST',
];

/** Hears DHCPv6 where a range asks for it, and says of each message that it is not answered. dnsmasq src/dhcp6.c */
export class Dhcp6Service implements Service {
  readonly #daemon: Daemon;
  #sock: DatagramSocket | undefined;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** dhcp6_init() @throws Fatal */
  open(): void {
    const { proc, network } = this.#daemon;
    const sock = proc.netns.udp.open('inet6');
    installSocket(proc, sock);
    sock.tos = TCLASS;
    sock.v6only = true;
    sock.reusePort = network.bound;
    sock.reuseAddr = network.bound;
    try {
      sock.bind({ addr: IPV6_ANY, port: SERVER_PORT });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new Fatal(`failed to bind DHCPv6 server socket: ${strerror(e.errno)}`, EC_BADNET);
    }
    this.#sock = sock;
  }

  bind(): void {
    const { proc, network } = this.#daemon;
    const sock = this.#sock as DatagramSocket;
    const only = onlyDevice(this.#daemon);
    if (only !== undefined) sock.boundDev = proc.netns.devices.byName(only) ?? null;
    joinMulticast(proc, network, sock, GROUPS);
  }

  waits(): readonly PollItem[] {
    return this.#sock === undefined ? [] : [{ on: this.#sock, events: POLLIN }];
  }

  wakeAt(): Nanos | undefined {
    return undefined;
  }

  serve(): void {
    for (let got = this.#receive(); got !== undefined; got = this.#receive()) this.#refuse(got);
  }

  #receive(): Received | undefined {
    try {
      return this.#sock?.recv(MAX_MESSAGE);
    } catch (e) {
      if (e instanceof KernelError) return undefined;
      throw e;
    }
  }

  #refuse({ data, ifindex = 0 }: Received): void {
    const { proc, log } = this.#daemon;
    const type = data[0] ?? 0;
    const device = proc.netns.devices.byIndex(ifindex)?.name ?? '';
    const what = `${MESSAGES[type] ?? `message ${type}`}(${device})`;
    const why = 'addresses for IPv6 come by router advertisements alone (slaac, ra-only)';
    log.error(`${what} is not answered, DHCPv6 is not supported: ${why}`, 'dhcp');
  }
}
