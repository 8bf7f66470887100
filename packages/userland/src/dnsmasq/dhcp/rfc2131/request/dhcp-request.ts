import type { Ipv4Addr } from '@labwire/core/addr';
import { get16, get32 } from '@labwire/core/bytes';
import {
  BOOTREQUEST,
  DHCP_CHADDR_MAX,
  DHCP_FIXED_LEN,
  DHCPDISCOVER,
  DhcpMessage,
  DhcpOpt,
  dhcpOption,
  findOption,
  optionData,
} from '@labwire/devices/dhcp';

/** ARPHRD_* of what has no hardware address of its own in the message. */
const ARPHRD_IEEE1394 = 24;
const ARPHRD_EUI64 = 27;
/** Suboptions of a relay's option. RFC 3046, 3993, 3527, 5107 */
export const AgentOpt = {
  circuit: 1,
  remote: 2,
  linkSelection: 5,
  subscriber: 6,
  serverId: 11,
} as const;

/** A message of a client, checked. */
export class DhcpRequest {
  readonly message: DhcpMessage;
  /** 0 for BOOTP. */
  readonly type: number;

  private constructor(message: DhcpMessage, type: number) {
    this.message = message;
    this.type = type;
  }

  /** @returns undefined for what no client sends */
  static read(data: Uint8Array): DhcpRequest | undefined {
    if (data.length < DHCP_FIXED_LEN) return undefined;
    const message = new DhcpMessage(data.slice());
    if (message.op !== BOOTREQUEST || message.hlen > DHCP_CHADDR_MAX) return undefined;
    if (message.htype === 0 && message.hlen !== 0) return undefined;
    const type = dhcpOption(message.buf, DhcpOpt.messageType, 1)?.[0];
    if (type !== undefined && !message.hasCookie) return undefined;
    const request = new DhcpRequest(message, type ?? 0);
    // some clients say an address there that they should not
    const asks = request.option(DhcpOpt.requestedAddress, 4) !== undefined;
    if (type !== undefined && (asks || type === DHCPDISCOVER)) message.ciaddr = 0 as Ipv4Addr;
    return request;
  }

  /** An option's bytes. */
  option(code: number, minLength = 0): Uint8Array | undefined {
    return dhcpOption(this.message.buf, code, minLength);
  }

  /** An option that is an address. */
  address(code: number): Ipv4Addr | undefined {
    const data = this.option(code, 4);
    return data === undefined ? undefined : (get32(data, 0) as Ipv4Addr);
  }

  /** An option of 16 bits. */
  uint16(code: number): number | undefined {
    const data = this.option(code, 2);
    return data === undefined ? undefined : get16(data, 0);
  }

  /** An option of 32 bits. */
  uint32(code: number): number | undefined {
    const data = this.option(code, 4);
    return data === undefined ? undefined : get32(data, 0) >>> 0;
  }

  /** A suboption of the relay's option. */
  agentOption(code: number, minLength = 1): Uint8Array | undefined {
    const data = this.option(DhcpOpt.agentInformation, 1);
    return data === undefined ? undefined : suboption(data, code, minLength);
  }

  /** What the client wants; undefined if it does not say. */
  get requested(): readonly number[] | undefined {
    const data = this.option(DhcpOpt.requestList);
    return data === undefined ? undefined : [...data];
  }
}

/** The first suboption of a code in an option's bytes. */
export function suboption(data: Uint8Array, code: number, minLength = 1): Uint8Array | undefined {
  const at = findOption(data, 0, data.length, code, minLength);
  return at < 0 ? undefined : optionData(data, at);
}

/** What a client is logged by and its address is chosen by: its hardware address, else its identifier. extended_hwaddr() */
export function clientIdentity(message: DhcpMessage, clientId: Uint8Array | undefined): Uint8Array {
  const { hlen, htype, chaddr } = message;
  if (hlen !== 0 || clientId === undefined || clientId.length <= 3) return chaddr.slice();
  const first = clientId[0];
  const typed = first === htype || (first === ARPHRD_EUI64 && htype === ARPHRD_IEEE1394);
  return typed ? clientId.slice(1) : clientId;
}
