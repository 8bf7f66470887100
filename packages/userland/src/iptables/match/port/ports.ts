import type { Range } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import type { PrintContext } from '../../core/extension.ts';
import { strtoui } from '../../core/numbers.ts';
import type { RuleContext } from '../../core/option.ts';
import { not, rangeText } from '../format.ts';

/** A port that a rule may invert. */
export type PortMatch = Range & { readonly invert: boolean };

/** A port by number or service name. xtables_parse_port() @throws IptablesError */
export function parsePort(text: string, rule: RuleContext, proto: string): number {
  const n = strtoui(text, 0, 0xffff) ?? rule.servicePort(text, proto);
  if (n === undefined) throw parameterProblem(`invalid port/service \`${text}' specified`);
  return n;
}

/** `a`, `a:b`, `:b`, `a:`. extensions/libxt_tcp.c, parse_tcp_ports() */
export function parsePortRange(text: string, rule: RuleContext, proto: string): Range {
  const colon = text.indexOf(':');
  if (colon < 0) {
    const port = parsePort(text, rule, proto);
    return { min: port, max: port };
  }
  const [lo, hi] = [text.slice(0, colon), text.slice(colon + 1)];
  const min = lo === '' ? 0 : parsePort(lo, rule, proto);
  const max = hi === '' ? 0xffff : parsePort(hi, rule, proto);
  if (min > max) throw parameterProblem('invalid portrange (min > max)');
  return { min, max };
}

/** A port as a listing shows it. */
export function portName(port: number, proto: string, ctx: PrintContext): string {
  return (ctx.numeric ? undefined : ctx.names.serviceName(port, proto)) ?? String(port);
}

/** ` dpt:22`, ` dpts:1:5`, ` dpt:!22`; nothing for any port. */
export function printPorts(
  label: string,
  r: PortMatch | undefined,
  proto: string,
  ctx: PrintContext,
): string {
  if (r === undefined || (r.min === 0 && r.max === 0xffff && !r.invert)) return '';
  const not = r.invert ? '!' : '';
  if (r.min === r.max) return ` ${label}:${not}${portName(r.min, proto, ctx)}`;
  return ` ${label}s:${not}${portName(r.min, proto, ctx)}:${portName(r.max, proto, ctx)}`;
}

/** Whether every port is in a range. */
export function isAllPorts(r: PortMatch | undefined): boolean {
  return r !== undefined && r.min === 0 && r.max === 0xffff;
}

/** ` --dport 22`; nothing for any port, inverted or not. */
export function savePorts(option: string, r: PortMatch | undefined): string {
  if (r === undefined || isAllPorts(r)) return '';
  return `${not(r)} --${option} ${rangeText(r)}`;
}

/**
 * Ports as nf_tables itself asks for them: all of them are not asked for, and not even `! 0:65535` leaves one out.
 * @returns undefined if nothing is asked though something was inverted. iptables/nft.c, add_nft_udp()
 */
export function nativePorts<
  T extends { readonly sports?: PortMatch | undefined; readonly dports?: PortMatch | undefined },
>(state: T): T | undefined {
  const { sports, dports, ...rest } = state;
  const kept = {
    ...(sports === undefined || isAllPorts(sports) ? {} : { sports: asComparison(sports) }),
    ...(dports === undefined || isAllPorts(dports) ? {} : { dports: asComparison(dports) }),
    ...rest,
  };
  const inverts = sports?.invert === true || dports?.invert === true;
  return inverts && Object.keys(kept).length === 0 ? undefined : (kept as T);
}

/** Ports as xt_tcp asks for them: it need not be told that any will do. */
export function withoutAllPorts<
  T extends { readonly sports?: PortMatch | undefined; readonly dports?: PortMatch | undefined },
>({ sports, dports, ...rest }: T): Omit<T, 'sports' | 'dports'> & Partial<T> {
  const asked = (r: PortMatch | undefined) => r !== undefined && (r.invert || !isAllPorts(r));
  return {
    ...(asked(sports) ? { sports } : {}),
    ...(asked(dports) ? { dports } : {}),
    ...rest,
  } as Omit<T, 'sports' | 'dports'> & Partial<T>;
}

/** `! 0:n` is asked as `greater than n`, and comes back so. iptables/nft-shared.c, add_cmp() of a range from 0 */
function asComparison(r: PortMatch): PortMatch {
  if (!r.invert || r.min !== 0 || r.max === 0) return r;
  return { min: r.max + 1, max: 0xffff, invert: false };
}

/** Only of its own protocol can nf_tables itself ask a match's questions. iptables/nft.c, add_nft_tcp() @throws IptablesError */
export function needProtocol(proto: 'tcp' | 'udp', rule: RuleContext): void {
  if (rule.proto?.number !== (proto === 'tcp' ? 6 : 17))
    throw parameterProblem(`${proto.toUpperCase()} match requires '-p ${proto}'`);
}

/** The same of an option that is printed whenever it was given, whatever it asks for. */
export function saveGivenPorts(option: string, r: PortMatch | undefined): string {
  if (r === undefined) return '';
  return `${not(r)} --${option} ${rangeText(r)}`;
}
