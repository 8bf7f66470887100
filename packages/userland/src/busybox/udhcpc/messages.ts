import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { put16, put32, put48 } from '@labwire/core/bytes';
import {
  BOOTP_BROADCAST,
  BOOTP_MIN_LEN,
  BOOTREQUEST,
  DHCP_COOKIE,
  DhcpMessage,
  DhcpOff,
  DhcpOpt,
  type DhcpOption,
  optionsLength,
  writeOptions,
} from '@labwire/devices/dhcp';
import type { UdhcpcOptions } from './command-line.ts';

/** IP packet size that servers may answer with. networking/udhcp/common.h, IP_UDP_DHCP_SIZE */
const MAX_SIZE = 576;
/** Bytes of options that fit, option 255 included. DHCP_OPTIONS_BUFSIZE */
const OPTIONS_ROOM = 308;

/** What every message of one client has. */
export interface MessageHead {
  readonly xid: number;
  readonly secs: number;
  readonly mac: MacAddr;
  readonly ciaddr: Ipv4Addr;
  readonly flags: number;
}

/** An option that is an address. */
export function addressOption(code: number, addr: Ipv4Addr): DhcpOption {
  const data = new Uint8Array(4);
  put32(data, 0, addr);
  return { code, data };
}

/** The bytes of a message of one type, filled up to those of BOOTP. Options that do not fit are left out. `udhcp_send_raw_packet()` */
export function encodeMessage(
  type: number,
  head: MessageHead,
  options: readonly DhcpOption[],
): Uint8Array {
  const all: DhcpOption[] = [{ code: DhcpOpt.messageType, data: new Uint8Array([type]) }];
  for (const option of options)
    if (optionsLength([...all, option]) <= OPTIONS_ROOM) all.push(option);
  const length = Math.max(BOOTP_MIN_LEN, DhcpOff.options + optionsLength(all));
  const message = new DhcpMessage(new Uint8Array(length));
  message.op = BOOTREQUEST;
  message.htype = 1;
  message.hlen = 6;
  message.xid = head.xid;
  message.secs = head.secs;
  message.flags = head.flags;
  message.ciaddr = head.ciaddr;
  put48(message.buf, DhcpOff.chaddr, head.mac);
  put32(message.buf, DhcpOff.cookie, DHCP_COOKIE);
  writeOptions(message.buf, DhcpOff.options, all);
  return message.buf;
}

/** What a client adds to discovers and requests: sizes, the list of what it wants, and what -x says. `add_client_options()` */
export function clientOptions(options: UdhcpcOptions, mac: MacAddr): DhcpOption[] {
  const size = new Uint8Array(2);
  put16(size, 0, MAX_SIZE);
  const list: DhcpOption[] = [{ code: DhcpOpt.maxMessageSize, data: size }];
  if (options.requested.length > 0)
    list.push({ code: DhcpOpt.requestList, data: Uint8Array.from(options.requested) });
  return [...list, ...options.sent.map((o) => withMac(o, options, mac))];
}

/** The client identifier that goes along with a decline or release. */
export function identifierOptions(options: UdhcpcOptions, mac: MacAddr): DhcpOption[] {
  return options.sent
    .filter((o) => o.code === DhcpOpt.clientIdentifier)
    .map((o) => withMac(o, options, mac));
}

function withMac(option: DhcpOption, options: UdhcpcOptions, mac: MacAddr): DhcpOption {
  if (option.code !== DhcpOpt.clientIdentifier || !options.macClientId) return option;
  const data = new Uint8Array(7);
  data[0] = 1;
  put48(data, 1, mac);
  return { code: option.code, data };
}

/** The flags word of a message from a client that has no address yet. */
export function broadcastFlag(options: UdhcpcOptions, ciaddr: Ipv4Addr): number {
  return options.broadcastReplies && ciaddr === 0 ? BOOTP_BROADCAST : 0;
}
