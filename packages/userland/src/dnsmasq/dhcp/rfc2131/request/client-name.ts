import { DhcpOpt } from '@labwire/devices/dhcp';
import { isHostname } from '../../../options/index.ts';
import type { DhcpRequest } from './dhcp-request.ts';

/** Flags of option 81. RFC 4702 section 2.1 */
export const FQDN_S = 0x01;
const FQDN_O = 0x02;
export const FQDN_E = 0x04;
const FQDN_N = 0x08;

/** The name that a client gives. */
export interface ClientName {
  /** Undefined if it gives none that can be one. */
  readonly name: string | undefined;
  /** Flags of the answer's option 81; 0 without one. */
  readonly fqdnFlags: number;
  /** It ends its texts with a zero byte, and needs them so. */
  readonly zeroTerminated: boolean;
}

/** Reads option 81, or else 12. @param clientUpdates whether clients update the DNS: --dhcp-client-update */
export function readClientName(request: DhcpRequest, clientUpdates: boolean): ClientName {
  const fqdn = request.option(DhcpOpt.clientFqdn, 3);
  if (fqdn !== undefined) return fromFqdn(fqdn, clientUpdates);
  const plain = request.option(DhcpOpt.hostName, 1);
  if (plain === undefined) return { name: undefined, fqdnFlags: 0, zeroTerminated: false };
  const zero = plain.at(-1) === 0;
  return { name: legal(latin1(plain)), fqdnFlags: 0, zeroTerminated: zero };
}

function fromFqdn(data: Uint8Array, clientUpdates: boolean): ClientName {
  const flags = data[0] as number;
  const rest = data.subarray(3);
  const fqdnFlags = answerFlags(flags, clientUpdates);
  if ((flags & FQDN_E) !== 0)
    return { name: legal(labelsOf(rest)), fqdnFlags, zeroTerminated: false };
  const zero = rest.length > 0 && rest.at(-1) === 0;
  return { name: legal(latin1(rest)), fqdnFlags, zeroTerminated: zero };
}

function answerFlags(flags: number, clientUpdates: boolean): number {
  if (clientUpdates) {
    const own = (flags & FQDN_S) === 0 ? flags : (flags | FQDN_O) & ~FQDN_S;
    return own | FQDN_N;
  }
  return ((flags & FQDN_S) === 0 ? flags | FQDN_S | FQDN_O : flags) & ~FQDN_N;
}

function labelsOf(data: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 0; at < data.length && data[at] !== 0; ) {
    const length = data[at] as number;
    if (at + length >= data.length) break;
    labels.push(latin1(data.subarray(at + 1, at + 1 + length)));
    at += length + 1;
  }
  return labels.join('.');
}

function latin1(data: Uint8Array): string {
  const end = data.indexOf(0);
  return String.fromCharCode(...(end < 0 ? data : data.subarray(0, end)));
}

function legal(name: string): string | undefined {
  return isHostname(name) ? name : undefined;
}
