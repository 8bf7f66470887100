import { getU32 } from '@labwire/core/bytes';
import { DhcpOpt } from '@labwire/devices/dhcp';
import type { ClassRule, DhcpConfig, OptionRule } from '../../../config/index.ts';
import { maskedMatch, sameBytes, type Tags } from '../../match/index.ts';
import { AgentOpt, type DhcpRequest, suboption } from './dhcp-request.ts';

/** Enterprise number of the Broadband Forum: CPE devices name themselves under it. */
const BROADBAND_FORUM = 3561;

/** What a CPE device says of itself. TR-069 */
export interface Cpewan {
  readonly oui: Uint8Array | undefined;
  readonly serial: Uint8Array | undefined;
  readonly deviceClass: Uint8Array | undefined;
}

/** Option 125 of a CPE device. */
export function readCpewan(request: DhcpRequest): Cpewan | undefined {
  const data = request.option(DhcpOpt.vendorIdentifyingOptions, 5);
  if (data === undefined) return undefined;
  for (const [enterprise, part] of enterpriseParts(data))
    if (enterprise === BROADBAND_FORUM)
      return {
        oui: suboption(part, 1),
        serial: suboption(part, 2),
        deviceClass: suboption(part, 3),
      };
  return undefined;
}

/** The parts of options 124 and 125: an enterprise number, and what belongs to it. RFC 3925 */
function* enterpriseParts(data: Uint8Array): Generator<readonly [number, Uint8Array]> {
  for (let at = 0; at + 5 <= data.length; ) {
    const length = data[at + 4] as number;
    if (at + 5 + length <= data.length)
      yield [getU32(data, at), data.subarray(at + 5, at + 5 + length)];
    at += 5 + length;
  }
}

/** Tags of what the relay says: circuit, remote end, subscriber. */
export function agentTags(rules: readonly ClassRule[], request: DhcpRequest, tags: Tags): Tags {
  let all = tags;
  for (const { match, data, tag } of rules) {
    if (match === 'vendor' || match === 'user') continue;
    const found = request.agentOption(AgentOpt[match]);
    if (found !== undefined && sameBytes(found, data)) all = [tag, ...all];
  }
  return all;
}

/** Tags of the hardware address: --dhcp-mac. */
export function macTags({ macs }: DhcpConfig, { message }: DhcpRequest, tags: Tags): Tags {
  let all = tags;
  for (const { hardware: hw, tag } of macs) {
    const typed = hw.type === message.htype || hw.type === 0;
    if (!typed || hw.bytes.length !== message.hlen) continue;
    if (maskedMatch(hw.bytes, message.chaddr, hw.wildcards) > 0) all = [tag, ...all];
  }
  return all;
}

/** Whether bytes fit what --dhcp-match asks for. match_bytes() */
export function bytesFit(rule: OptionRule, data: Uint8Array): boolean {
  const { data: wanted, type } = rule;
  if (wanted.length > data.length) return false;
  if (wanted.length === 0) return true;
  if (type === 'hex')
    return maskedMatch(wanted, data.subarray(0, wanted.length), rule.wildcards) > 0;
  const step = type === 'string' ? 1 : wanted.length;
  for (let at = 0; at + wanted.length <= data.length; at += step)
    if (sameBytes(wanted, data.subarray(at, at + wanted.length))) return true;
  return false;
}

function matches(rule: OptionRule, request: DhcpRequest): boolean {
  if (rule.place.kind !== 'vi-encap') {
    const data = request.option(rule.code, 1);
    return data !== undefined && bytesFit(rule, data);
  }
  const data = request.option(DhcpOpt.vendorIdentifyingClass, 5);
  if (data === undefined) return false;
  for (const [enterprise, part] of enterpriseParts(data)) {
    if (enterprise !== rule.place.enterprise) continue;
    for (let at = 0; at < part.length; at += (part[at] as number) + 1)
      if (bytesFit(rule, part.subarray(at + 1, at + 1 + (part[at] as number)))) return true;
  }
  return false;
}

/** Tags of options that the client sends: --dhcp-match. */
export function matchTags(rules: readonly OptionRule[], request: DhcpRequest, tags: Tags): Tags {
  let all = tags;
  for (const rule of rules) if (matches(rule, request)) all = [rule.tags[0] as string, ...all];
  return all;
}

/** User classes with their lengths zeroed where they are counted strings (RFC 3004), else as they are. */
export function userClass(request: DhcpRequest): Uint8Array | undefined {
  const data = request.option(DhcpOpt.userClass, 1)?.slice();
  if (data === undefined) return undefined;
  const counts: number[] = [];
  let at = 0;
  for (; at < data.length; at += (data[at] as number) + 1) counts.push(at);
  if (at === data.length) for (const i of counts) data[i] = 0;
  return data;
}

/** Whether bytes contain others. */
export function contains(data: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at + part.length <= data.length; at++)
    if (sameBytes(data.subarray(at, at + part.length), part)) return true;
  return false;
}

/** Tags of vendor and user classes. */
export function classTags(rules: readonly ClassRule[], request: DhcpRequest, tags: Tags): Tags {
  let all = tags;
  const vendor = request.option(DhcpOpt.vendorClass, 1);
  const user = userClass(request);
  for (const { match, data, tag } of rules) {
    const of = match === 'vendor' ? vendor : match === 'user' ? user : undefined;
    if (of !== undefined && contains(of, data)) all = [tag, ...all];
  }
  return all;
}

/** Tags of the name that the client gives: --dhcp-name-match. */
export function nameTags({ nameMatches }: DhcpConfig, name: string, tags: Tags): Tags {
  let all = tags;
  const given = name.toLowerCase();
  for (const rule of nameMatches) {
    const wanted = rule.name.toLowerCase();
    if (rule.wildcard ? given.startsWith(wanted) : given === wanted) all = [rule.tag, ...all];
  }
  return all;
}
