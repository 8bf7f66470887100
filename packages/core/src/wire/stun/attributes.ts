/** The values of STUN's attributes. RFC 8489 section 14, RFC 5780 section 7, RFC 3489 section 11.2 */
import { getIpv6, type Ipv4Addr, type Ipv6Addr, putIpv6 } from '../../addr/index.ts';
import { get8, get16, get32, put8, put16, put32 } from '../../bytes/index.ts';
import type { StunAttribute, StunMessage } from './message.ts';

export const STUN_ATTR_MAPPED_ADDRESS = 0x0001;
export const STUN_ATTR_RESPONSE_ADDRESS = 0x0002;
export const STUN_ATTR_CHANGE_REQUEST = 0x0003;
/** RFC 3489's word for RESPONSE-ORIGIN. */
export const STUN_ATTR_SOURCE_ADDRESS = 0x0004;
/** RFC 3489's word for OTHER-ADDRESS. */
export const STUN_ATTR_CHANGED_ADDRESS = 0x0005;
export const STUN_ATTR_ERROR_CODE = 0x0009;
export const STUN_ATTR_UNKNOWN_ATTRIBUTES = 0x000a;
export const STUN_ATTR_XOR_MAPPED_ADDRESS = 0x0020;
export const STUN_ATTR_PADDING = 0x0026;
export const STUN_ATTR_RESPONSE_PORT = 0x0027;
export const STUN_ATTR_SOFTWARE = 0x8022;
export const STUN_ATTR_RESPONSE_ORIGIN = 0x802b;
export const STUN_ATTR_OTHER_ADDRESS = 0x802c;

const FAMILY_IPV4 = 1;
const FAMILY_IPV6 = 2;
const CHANGE_IP = 4;
const CHANGE_PORT = 2;

/** What an address attribute tells. */
export interface StunAddress {
  readonly addr: Ipv4Addr | Ipv6Addr;
  readonly port: number;
}

/** The first attribute of a type. */
export function findStunAttribute(message: StunMessage, type: number): StunAttribute | undefined {
  return message.attributes.find((a) => a.type === type);
}

/** Takes the bits of the id away, or puts them on: XOR-MAPPED-ADDRESS. RFC 8489 section 14.2 */
function xored(value: Uint8Array, id: Uint8Array): Uint8Array {
  const out = value.slice();
  put16(out, 2, get16(value, 2) ^ get16(id, 0));
  for (let i = 4; i < out.length; i++) put8(out, i, get8(value, i) ^ get8(id, i - 4));
  return out;
}

/** Makes an address attribute. @param id the message's, for one of the XOR kind */
export function stunAddressAttribute(
  type: number,
  { addr, port }: StunAddress,
  id?: Uint8Array,
): StunAttribute {
  const v4 = typeof addr === 'number';
  const value = new Uint8Array(v4 ? 8 : 20);
  put8(value, 1, v4 ? FAMILY_IPV4 : FAMILY_IPV6);
  put16(value, 2, port);
  if (v4) put32(value, 4, addr);
  else putIpv6(value, 4, addr);
  return { type, value: id === undefined ? value : xored(value, id) };
}

/** Reads an address attribute. @param id the message's, for one of the XOR kind. @returns undefined for a broken one */
export function readStunAddress(
  attribute: StunAttribute,
  id?: Uint8Array,
): StunAddress | undefined {
  const { length } = attribute.value;
  if (length !== 8 && length !== 20) return undefined;
  const value = id === undefined ? attribute.value : xored(attribute.value, id);
  const family = get8(value, 1);
  const port = get16(value, 2);
  if (family === FAMILY_IPV4 && length === 8) return { addr: get32(value, 4) as Ipv4Addr, port };
  if (family === FAMILY_IPV6 && length === 20) return { addr: getIpv6(value, 4), port };
  return undefined;
}

/** From where a client wants its answer: the other address, the other port, or both. RFC 5780 section 7.2 */
export interface ChangeRequest {
  readonly ip: boolean;
  readonly port: boolean;
}

/** Makes a CHANGE-REQUEST. */
export function changeRequestAttribute({ ip, port }: ChangeRequest): StunAttribute {
  const value = new Uint8Array(4);
  put32(value, 0, (ip ? CHANGE_IP : 0) | (port ? CHANGE_PORT : 0));
  return { type: STUN_ATTR_CHANGE_REQUEST, value };
}

/** What a message's CHANGE-REQUEST says: no change if there is none, or a broken one. */
export function readChangeRequest(message: StunMessage): ChangeRequest {
  const value = findStunAttribute(message, STUN_ATTR_CHANGE_REQUEST)?.value;
  const flags = value?.length === 4 ? get32(value, 0) : 0;
  return { ip: (flags & CHANGE_IP) !== 0, port: (flags & CHANGE_PORT) !== 0 };
}
