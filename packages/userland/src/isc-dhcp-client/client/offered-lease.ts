import type { Ipv4Addr } from '@labwire/core/addr';
import { getU32 } from '@labwire/core/bytes';
import {
  DhcpMessage,
  DhcpOpt,
  type DhcpOption,
  dhcpOption,
  fieldText,
  OVERLOAD_FILE,
  OVERLOAD_SNAME,
  overloaded,
  readOptions,
} from '@labwire/devices/dhcp';
import type { OptionChange } from '../conf/index.ts';
import { type ClientLease, leaseOption, TIME_MAX } from '../lease/index.ts';

/** Options in the order in which they came, those in pieces joined, changed as the configuration says. */
function changedOptions(data: Uint8Array, changes: readonly OptionChange[]): DhcpOption[] {
  const options = new Map<number, Uint8Array>();
  for (const { code, data: bytes } of readOptions(data).options) {
    const before = options.get(code);
    options.set(code, before === undefined ? bytes : new Uint8Array([...before, ...bytes]));
  }
  for (const { action, code, data: bytes } of changes) {
    const before = options.get(code);
    if (action === 'supersede') options.set(code, bytes);
    else if (before === undefined) options.set(code, bytes);
    else if (action === 'prepend') options.set(code, new Uint8Array([...bytes, ...before]));
    else if (action === 'append') options.set(code, new Uint8Array([...before, ...bytes]));
  }
  return [...options].map(([code, bytes]) => ({ code, data: bytes }));
}

/** A lease as a server's message says it, without its times. client/dhclient.c, packet_to_lease() */
export function offeredLease(
  data: Uint8Array,
  device: string,
  changes: readonly OptionChange[],
): ClientLease {
  const message = new DhcpMessage(data);
  const fields = overloaded(data);
  const text = (field: Uint8Array, bit: number) =>
    (fields & bit) === 0 && field[0] !== 0 ? fieldText(field) : undefined;
  return {
    device,
    addr: message.yiaddr,
    nextServer: message.siaddr,
    fileName: text(message.file, OVERLOAD_FILE),
    serverName: text(message.sname, OVERLOAD_SNAME),
    options: changedOptions(data, changes),
    renewal: 0,
    rebind: 0,
    expiry: 0,
    bootp: dhcpOption(data, DhcpOpt.messageType, 1) === undefined,
    isStatic: false,
  };
}

function seconds(lease: ClientLease, code: number): number {
  const data = leaseOption(lease, code);
  return data === undefined || data.length < 4 ? 0 : getU32(data, 0);
}

/**
 * Sets a lease's times, in seconds since the epoch: T1 is spread below what the server says, T2 and the end are exact.
 * @param random an integer below its argument
 * @returns false if the server names no time. dhcpack()
 */
export function setTimes(
  lease: ClientLease,
  now: number,
  random: (below: number) => number,
): boolean {
  const expiry = seconds(lease, DhcpOpt.leaseTime);
  if (expiry === 0) return false;
  let renewal = seconds(lease, DhcpOpt.t1) || Math.floor(expiry / 2) + 1;
  if (renewal <= Math.floor(TIME_MAX / 3) - 3)
    renewal = Math.floor((renewal * 3 + 3) / 4) + Math.floor((random(renewal) + 3) / 4);
  const rebind = seconds(lease, DhcpOpt.t2) || portion(expiry, 7, 8);
  if (renewal > rebind) renewal = portion(rebind, 3, 4);
  lease.expiry = now + expiry;
  lease.renewal = now + renewal;
  lease.rebind = now + rebind;
  return true;
}

/** A part of a time; what is large is divided first, as dhclient does. */
function portion(time: number, part: number, of: number): number {
  return time <= TIME_MAX / part ? Math.floor((time * part) / of) : Math.floor(time / of) * part;
}

/** The server that a lease is from; 0 if it does not say. */
export function serverOf(lease: ClientLease): Ipv4Addr {
  const data = leaseOption(lease, DhcpOpt.serverIdentifier);
  return (data === undefined || data.length < 4 ? 0 : getU32(data, 0) | 0) as Ipv4Addr;
}
