import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { get48, put32, put48, utf8Encode } from '@labwire/core/bytes';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import { checkUdp, Ipv4Header, UDP_HLEN, UdpHeader } from '@labwire/core/wire';
import {
  BOOTREPLY,
  BOOTREQUEST,
  DHCP_CLIENT_PORT,
  DHCP_COOKIE,
  DHCP_SERVER_PORT,
  DHCPACK,
  DHCPDISCOVER,
  DHCPNAK,
  DHCPOFFER,
  DHCPREQUEST,
  DhcpMessage,
  DhcpOff,
  DhcpOpt,
  dhcpOption,
  setFieldText,
  writeOptions,
} from '@labwire/devices/dhcp';
import { writeDomainList } from './domain-list.ts';
import type { GuestLink } from './link.ts';

/** Bytes of slirp's answers. */
const REPLY_LEN = 548;
/** Addresses that it has. NB_BOOTP_CLIENTS */
const CLIENTS = 16;
/** Seconds. LEASE_TIME */
const LEASE_TIME = 24 * 3600;
const IPTOS_LOWDELAY = 0x10;
const BROADCAST = -1 as Ipv4Addr;

/** Whether a datagram is for the DHCP server. */
export function isForDhcp(skb: SkBuff, at: number, host: Ipv4Addr): boolean {
  const ip = new Ipv4Header(skb.buf, at);
  const off = at + ip.hlen;
  if (checkUdp(skb.buf, off, at + ip.totLen) !== undefined) return false;
  if (new UdpHeader(skb.buf, off).dport !== DHCP_SERVER_PORT) return false;
  return ip.daddr === host || ip.daddr === BROADCAST;
}

/** The DHCP server of a user-mode network. slirp src/bootp.c */
export class UserDhcp {
  readonly #link: GuestLink;
  /** Who has which of the addresses, by their order. */
  readonly #clients: (MacAddr | undefined)[] = [];

  constructor(link: GuestLink) {
    this.#link = link;
  }

  /** A datagram from the guest, its IPv4 header at `at`. Takes ownership. bootp_input() */
  input(skb: SkBuff, at: number): void {
    const ip = new Ipv4Header(skb.buf, at);
    const off = at + ip.hlen;
    const data = skb.buf.slice(off + UDP_HLEN, off + new UdpHeader(skb.buf, off).len);
    freeSkb(skb);
    if (data.length < DhcpOff.options) return;
    const request = new DhcpMessage(data);
    if (request.op === BOOTREQUEST) this.#answer(request);
  }

  #answer(request: DhcpMessage): void {
    const { buf } = request;
    const type = dhcpOption(buf, DhcpOpt.messageType, 1)?.[0];
    if (type !== DHCPDISCOVER && type !== DHCPREQUEST) return;
    const mac = get48(buf, DhcpOff.chaddr) as MacAddr;
    const wanted = requestedAddress(request);
    const address = this.#lease(mac, type === DHCPREQUEST ? wanted : undefined);
    const reply = this.#reply(request, mac, type, address);
    if (address !== undefined) this.#link.learn(address, mac);
    const from = { addr: this.#link.config.host, port: DHCP_SERVER_PORT };
    const to = { addr: BROADCAST, port: DHCP_CLIENT_PORT };
    this.#link.sendUdp(from, to, reply, IPTOS_LOWDELAY);
  }

  /** The client's address; undefined if it asks for one that is another's, or all are taken. get_new_addr(), request_addr() */
  #lease(mac: MacAddr, wanted: Ipv4Addr | undefined): Ipv4Addr | undefined {
    const { dhcpStart } = this.#link.config;
    const known = this.#clients.indexOf(mac);
    if (wanted !== undefined && wanted !== 0) {
      const n = wanted - dhcpStart;
      const owner = this.#clients[n];
      if (n < 0 || n >= CLIENTS || (owner !== undefined && owner !== mac)) return undefined;
      this.#clients[n] = mac;
      return wanted;
    }
    const free =
      known >= 0
        ? known
        : Array.from({ length: CLIENTS }, (_, i) => i).find((i) => this.#clients[i] === undefined);
    if (free === undefined) return undefined;
    this.#clients[free] = mac;
    return (dhcpStart + free) as Ipv4Addr;
  }

  #reply(
    request: DhcpMessage,
    mac: MacAddr,
    type: number,
    address: Ipv4Addr | undefined,
  ): Uint8Array {
    const { config } = this.#link;
    const reply = new DhcpMessage(new Uint8Array(REPLY_LEN));
    reply.op = BOOTREPLY;
    reply.htype = 1;
    reply.hlen = 6;
    reply.xid = request.xid;
    put48(reply.buf, DhcpOff.chaddr, mac);
    reply.siaddr = config.host;
    put32(reply.buf, DhcpOff.cookie, DHCP_COOKIE);
    if (address === undefined) {
      this.#write(reply, [[DhcpOpt.messageType, Uint8Array.of(DHCPNAK)]]);
      return reply.buf;
    }
    reply.yiaddr = address;
    if (config.bootfile !== undefined) setFieldText(reply.file, config.bootfile);
    this.#write(reply, this.#options(type));
    return reply.buf;
  }

  #options(type: number): (readonly [code: number, data: Uint8Array])[] {
    const { host, mask, dns, hostname, domainname, dnsSearch, tftpServerName, restricted } =
      this.#link.config;
    const text = (code: number, value: string | undefined) =>
      value === undefined ? [] : [[code, utf8Encode(value)] as const];
    return [
      [DhcpOpt.messageType, Uint8Array.of(type === DHCPDISCOVER ? DHCPOFFER : DHCPACK)],
      [DhcpOpt.serverIdentifier, word(host)],
      [DhcpOpt.netmask, word(mask)],
      ...(restricted ? [] : ([[DhcpOpt.router, word(host)]] as const)),
      ...(restricted ? [] : ([[DhcpOpt.dnsServer, word(dns)]] as const)),
      [DhcpOpt.leaseTime, word(LEASE_TIME)],
      ...text(DhcpOpt.hostName, hostname),
      ...text(DhcpOpt.domainName, domainname),
      ...text(DhcpOpt.tftpServerName, tftpServerName),
      ...(dnsSearch.length === 0
        ? []
        : ([[DhcpOpt.domainSearch, writeDomainList(dnsSearch)]] as const)),
    ];
  }

  #write(
    reply: DhcpMessage,
    options: readonly (readonly [code: number, data: Uint8Array])[],
  ): void {
    writeOptions(
      reply.buf,
      DhcpOff.options,
      options.map(([code, data]) => ({ code, data })),
    );
  }
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  put32(bytes, 0, value);
  return bytes;
}

/** The address that a client asks for, or has. */
function requestedAddress(request: DhcpMessage): Ipv4Addr {
  const bytes = dhcpOption(request.buf, DhcpOpt.requestedAddress, 4);
  if (bytes === undefined) return request.ciaddr;
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return ((a << 24) | (b << 16) | (c << 8) | d) as Ipv4Addr;
}
