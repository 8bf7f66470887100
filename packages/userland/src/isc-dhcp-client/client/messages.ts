import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { put32, put48 } from '@labwire/core/bytes';
import {
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
import { inTableOrder } from '../option-order.ts';

/** Options that stand first, in this order. common/options.c, cons_options() */
const FIRST: readonly number[] = [
  DhcpOpt.messageType,
  DhcpOpt.serverIdentifier,
  DhcpOpt.leaseTime,
  DhcpOpt.message,
  DhcpOpt.requestedAddress,
  DhcpOpt.netmask,
  DhcpOpt.router,
  DhcpOpt.dnsServer,
  DhcpOpt.hostName,
  DhcpOpt.clientFqdn,
];

/** What a message of a client says. */
export interface MessageFields {
  readonly type: number;
  readonly xid: number;
  readonly mac: MacAddr;
  readonly ciaddr: Ipv4Addr;
  /** Undefined: none. */
  readonly server: Uint8Array | undefined;
  readonly requested: Ipv4Addr | undefined;
  readonly requestList: readonly number[] | undefined;
  /** What the configuration sends. */
  readonly send: readonly DhcpOption[];
}

/** An option that is an address. */
export function addressOption(code: number, addr: Ipv4Addr): DhcpOption {
  const data = new Uint8Array(4);
  put32(data, 0, addr);
  return { code, data };
}

function optionsOf(f: MessageFields): DhcpOption[] {
  const stored: DhcpOption[] = [];
  if (f.server !== undefined) stored.push({ code: DhcpOpt.serverIdentifier, data: f.server });
  if (f.requested !== undefined) stored.push(addressOption(DhcpOpt.requestedAddress, f.requested));
  stored.push({ code: DhcpOpt.messageType, data: new Uint8Array([f.type]) });
  if (f.requestList !== undefined)
    stored.push({ code: DhcpOpt.requestList, data: Uint8Array.from(f.requestList) });
  const own = new Set(f.send.map((o) => o.code));
  const all = [...stored.filter((o) => !own.has(o.code)), ...f.send];
  const first = FIRST.flatMap((code) => all.filter((o) => o.code === code));
  return [...first, ...inTableOrder(all.filter((o) => !FIRST.includes(o.code)))];
}

/** The bytes of a message; `secs` is filled in when it is sent. client/dhclient.c, make_discover() and its like */
export function makeMessage(fields: MessageFields): DhcpMessage {
  const options = optionsOf(fields);
  const length = Math.max(BOOTP_MIN_LEN, DhcpOff.options + optionsLength(options));
  const message = new DhcpMessage(new Uint8Array(length));
  message.op = BOOTREQUEST;
  message.htype = 1;
  message.hlen = 6;
  message.xid = fields.xid;
  message.ciaddr = fields.ciaddr;
  put48(message.buf, DhcpOff.chaddr, fields.mac);
  put32(message.buf, DhcpOff.cookie, DHCP_COOKIE);
  writeOptions(message.buf, DhcpOff.options, options);
  return message;
}
