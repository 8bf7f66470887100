/** Address and port ranges of the NAT targets. extensions/libxt_NAT.c */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '@labwire/core/addr';
import type { AddrRange, NatTarget, Range } from '@labwire/devices/netfilter';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parameterProblem } from '../core/error.ts';
import { strtouiPrefix } from '../core/numbers.ts';
import type { RuleContext } from '../core/option.ts';

const PORT_MAX = 0xffff;
/** Protocols with ports or, as ICMP, something in their place: ICMP, TCP, UDP, DCCP, SCTP. */
const WITH_PORTS: readonly number[] = [1, 6, 17, 33, 132];

/** What a NAT target's options have said so far. */
export interface NatState {
  addrs?: AddrRange;
  ports?: Range;
  basePort?: number;
  random: boolean;
  randomFully: boolean;
  persistent: boolean;
}

/** No option yet. */
export function initNat(): NatState {
  return { random: false, randomFully: false, persistent: false };
}

function numberOrService(
  text: string,
  min: number,
  rule: RuleContext,
): { readonly value: number; readonly rest: string } {
  const got = strtouiPrefix(text, min, PORT_MAX);
  if (got !== undefined) return got;
  const port = rule.servicePort(text);
  if (port === undefined) throw parameterProblem(`Port \`${text}' not valid`);
  return { value: port, rest: '' };
}

/** `first[-last[/base]]`. `parse_ports()` @throws IptablesError */
export function parseNatPorts(text: string, state: NatState, rule: RuleContext): void {
  if (!WITH_PORTS.includes(rule.proto?.number ?? 0)) {
    throw parameterProblem('Need TCP, UDP, SCTP or DCCP with port specification');
  }
  const first = numberOrService(text, 0, rule);
  state.ports = { min: first.value, max: first.value };
  if (first.rest === '') return;
  if (first.rest.startsWith(':')) throw parameterProblem('Invalid port:port syntax - use dash');
  if (!first.rest.startsWith('-'))
    throw parameterProblem(`Garbage after port value: \`${first.rest}'`);
  parseLastPort(first.rest.slice(1), first.value, state, rule);
}

function parseLastPort(text: string, min: number, state: NatState, rule: RuleContext): void {
  const last = strtouiPrefix(text, 0, PORT_MAX);
  if (last === undefined) throw parameterProblem(`Port \`${text}' not valid`);
  if (last.value < min) throw parameterProblem(`Port range \`${text}' funky`);
  state.ports = { min, max: last.value };
  if (last.rest === '') return;
  if (!last.rest.startsWith('/'))
    throw parameterProblem(`Garbage after port range: \`${last.rest}'`);
  state.basePort = numberOrService(last.rest.slice(1), 1, rule).value;
}

/** Takes `[…]` apart, without which a second colon makes it an IPv6 address. */
function splitPorts(
  text: string,
  rule: RuleContext,
): { readonly addr: string; readonly ports: string | undefined } {
  const open = text.indexOf('[');
  if (open < 0) {
    const colon = text.indexOf(':');
    if (colon < 0 || text.includes(':', colon + 1)) return { addr: text, ports: undefined };
    return { addr: text.slice(0, colon), ports: text.slice(colon + 1) };
  }
  const close = text.indexOf(']', open);
  if (close < 0 || rule.family === 'inet') throw parameterProblem('Invalid address format');
  const colon = text.indexOf(':', close);
  return {
    addr: text.slice(open + 1, close),
    ports: colon < 0 ? undefined : text.slice(colon + 1),
  };
}

function parseAddress(text: string, rule: RuleContext): InetAddr {
  const addr = rule.family === 'inet' ? parseIpv4(text) : parseIpv6(text);
  if (addr === undefined) throw parameterProblem(`Bad IP address "${text}"`);
  return addr;
}

/** `[address[-address]][:ports]`. `parse_to()` @throws IptablesError */
export function parseNatTo(text: string, state: NatState, rule: RuleContext): void {
  const { addr, ports } = splitPorts(text, rule);
  if (ports !== undefined) {
    parseNatPorts(ports, state, rule);
    if (addr === '') return;
  }
  const dash = addr.indexOf('-');
  const min = parseAddress(dash < 0 ? addr : addr.slice(0, dash), rule);
  state.addrs = { min, max: dash < 0 ? min : parseAddress(addr.slice(dash + 1), rule) };
}

/** The options that are flags. */
export function setNatFlag(name: string, state: NatState): void {
  if (name === 'random') state.random = true;
  else if (name === 'random-fully') state.randomFully = true;
  else state.persistent = true;
}

function addrText(a: InetAddr): string {
  return typeof a === 'number' ? formatIpv4(a) : formatIpv6(a);
}

function portsText({ ports, basePort }: NatTarget): string {
  if (ports === undefined) return '';
  const last = ports.max === ports.min ? '' : `-${ports.max}`;
  return `${ports.min}${last}${basePort === undefined ? '' : `/${basePort}`}`;
}

function addrsText({ addrs, ports }: NatTarget): string {
  if (addrs === undefined) return '';
  const [min, max] = [addrText(addrs.min), addrText(addrs.max)];
  const text = min === max ? min : `${min}-${max}`;
  return ports !== undefined && typeof addrs.min !== 'number' ? `[${text}]` : text;
}

/** A range and its flags. @param label goes before the range @param pfx before each flag */
export function natText(t: NatTarget, label: string, pfx: string): string {
  const ports = portsText(t);
  const withAddrs = t.kind === 'SNAT' || t.kind === 'DNAT';
  const range = withAddrs ? `${addrsText(t)}${ports === '' ? '' : `:${ports}`}` : ports;
  let text = range === '' ? '' : ` ${label}${range}`;
  if (t.random) text += ` ${pfx}random`;
  if (t.randomFully) text += ` ${pfx}random-fully`;
  if (t.persistent) text += ` ${pfx}persistent`;
  return text;
}
