import { utf8Encode } from '@labwire/core/bytes';
import {
  type ChangeRequest,
  findStunAttribute,
  hasMagicCookie,
  readChangeRequest,
  STUN_ATTR_CHANGE_REQUEST,
  STUN_ATTR_CHANGED_ADDRESS,
  STUN_ATTR_ERROR_CODE,
  STUN_ATTR_MAPPED_ADDRESS,
  STUN_ATTR_OTHER_ADDRESS,
  STUN_ATTR_PADDING,
  STUN_ATTR_RESPONSE_ADDRESS,
  STUN_ATTR_RESPONSE_ORIGIN,
  STUN_ATTR_RESPONSE_PORT,
  STUN_ATTR_SOFTWARE,
  STUN_ATTR_SOURCE_ADDRESS,
  STUN_ATTR_UNKNOWN_ATTRIBUTES,
  STUN_ATTR_XOR_MAPPED_ADDRESS,
  STUN_BINDING_ERROR,
  STUN_BINDING_REQUEST,
  STUN_BINDING_RESPONSE,
  type StunAddress,
  type StunAttribute,
  type StunMessage,
  stunAddressAttribute,
} from '@labwire/core/wire';
import type { SockAddr } from '@labwire/devices/sock';
import { familyOf, sameInet } from '../libc-net/index.ts';
import type { BindingAnswer, Place } from '../stun/index.ts';

const SOFTWARE = "Coturn-4.6.1 'Gorst'";
/** Bytes of the padding that a request for padding gets: the MTU. */
const PADDING = 1500;
/** Attributes that a server must understand lie below. RFC 8489 section 14 */
const OPTIONAL = 0x8000;
const KNOWN = [
  STUN_ATTR_CHANGE_REQUEST,
  STUN_ATTR_PADDING,
  STUN_ATTR_RESPONSE_PORT,
  STUN_ATTR_RESPONSE_ADDRESS,
];

/** An answer that is an error. */
interface Refusal {
  readonly code: number;
  readonly reason: string;
  readonly unknown: readonly number[];
}

/** Why a request gets none but an error. */
function refusal(request: StunMessage, behaviour: boolean): Refusal | undefined {
  const unknown = request.attributes
    .map((a) => a.type)
    .filter((type) => type < OPTIONAL && !KNOWN.includes(type));
  if (unknown.length > 0) return { code: 420, reason: 'Unknown Attribute', unknown };
  const change = readChangeRequest(request);
  if (!behaviour && (change.ip || change.port)) {
    const reason = 'Unknown attribute: TURN server was configured without RFC 5780 support';
    return { code: 420, reason, unknown };
  }
  const both = [STUN_ATTR_PADDING, STUN_ATTR_RESPONSE_PORT];
  if (both.every((type) => findStunAttribute(request, type) !== undefined)) {
    const reason = 'Wrong request format: you cannot use PADDING and RESPONSE_PORT together';
    return { code: 400, reason, unknown };
  }
  return undefined;
}

function errorAttributes({ code, reason, unknown }: Refusal): StunAttribute[] {
  const text = utf8Encode(reason);
  const value = new Uint8Array((4 + text.length + 3) & ~3);
  value.set([0, 0, Math.floor(code / 100), code % 100]);
  value.set(text, 4);
  const attributes = [{ type: STUN_ATTR_ERROR_CODE, value }];
  if (unknown.length > 0) {
    const types = Uint8Array.from(unknown.flatMap((type) => [type >> 8, type & 0xff]));
    attributes.push({ type: STUN_ATTR_UNKNOWN_ATTRIBUTES, value: types });
  }
  return attributes;
}

/** SOFTWARE; for RFC 3489 with a terminator and padding of its own. */
function software(old: boolean): StunAttribute {
  const text = utf8Encode(SOFTWARE);
  const value = new Uint8Array(old ? (text.length & ~3) + 4 : text.length);
  value.set(text);
  return { type: STUN_ATTR_SOFTWARE, value };
}

function responsePort(request: StunMessage, from: SockAddr): SockAddr {
  const value = findStunAttribute(request, STUN_ATTR_RESPONSE_PORT)?.value;
  const [high = 0, low = 0] = value ?? [];
  return value === undefined ? from : { ...from, port: high * 256 + low };
}

/**
 * What turnserver says to a Binding request.
 * @param places all places; with those of one address only there is no RFC 5780
 */
export function answerBinding(
  request: StunMessage,
  at: Place,
  from: SockAddr,
  places: readonly Place[],
): BindingAnswer | undefined {
  if (request.type !== STUN_BINDING_REQUEST) return undefined;
  const old = !hasMagicCookie(request);
  const { id } = request;
  const other = otherPlace(at, places);
  const refused = refusal(request, other !== undefined);
  if (refused !== undefined) {
    const attributes = [...errorAttributes(refused), software(old)];
    return { message: { type: STUN_BINDING_ERROR, id, attributes }, from: at, to: from };
  }
  const origin = originOf(readChangeRequest(request), at, other, places);
  const attributes = [
    ...(old ? [] : [stunAddressAttribute(STUN_ATTR_XOR_MAPPED_ADDRESS, from, id)]),
    stunAddressAttribute(STUN_ATTR_MAPPED_ADDRESS, from),
    ...ends(old, origin, other),
    ...padding(request, other),
    software(old),
  ];
  const message = { type: STUN_BINDING_RESPONSE, id, attributes };
  return { message, from: origin, to: other === undefined ? from : responsePort(request, from) };
}

/** The other address, which is always the second one of the family, whichever was asked, with the other port. get_alt_addr() */
function otherPlace(at: Place, places: readonly Place[]): Place | undefined {
  return places.find(
    (p) => p.otherIp && p.otherPort !== at.otherPort && familyOf(p.addr) === familyOf(at.addr),
  );
}

/** The place that the answer is to come from. */
function originOf(
  change: ChangeRequest,
  at: Place,
  other: Place | undefined,
  places: readonly Place[],
): Place {
  if (other === undefined) return at;
  const addr = change.ip ? other.addr : at.addr;
  const port = change.port ? other.port : at.port;
  return places.find((p) => sameInet(p.addr, addr) && p.port === port) ?? at;
}

function padding(request: StunMessage, other: Place | undefined): StunAttribute[] {
  if (other === undefined || findStunAttribute(request, STUN_ATTR_PADDING) === undefined) return [];
  return [{ type: STUN_ATTR_PADDING, value: new Uint8Array(PADDING) }];
}

/** Where the answer comes from, and where another one could. */
function ends(old: boolean, origin: StunAddress, other: StunAddress | undefined): StunAttribute[] {
  if (old && other === undefined) return [];
  const here = old ? STUN_ATTR_SOURCE_ADDRESS : STUN_ATTR_RESPONSE_ORIGIN;
  const there = old ? STUN_ATTR_CHANGED_ADDRESS : STUN_ATTR_OTHER_ADDRESS;
  const first = stunAddressAttribute(here, origin);
  return other === undefined ? [first] : [first, stunAddressAttribute(there, other)];
}
