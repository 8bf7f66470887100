import type { MultiportMatch, Range } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension, type PrintContext } from '../../core/extension.ts';
import type { OptionCall, RuleContext } from '../../core/option.ts';
import { not } from '../format.ts';
import { parsePort, portName } from './ports.ts';

/** Numbers that one match holds; a range takes two. XT_MULTI_PORTS */
const MAX_PORTS = 15;
const PROTOCOLS: Readonly<Record<number, string>> = {
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  132: 'sctp',
  136: 'udplite',
};
const ANY = ['source-ports', 'destination-ports', 'ports'];

interface State {
  match?: MultiportMatch;
}

/** The name under which services of the rule's protocol are looked up. `check_proto()` */
function protocolOf(rule: RuleContext): string {
  const { number = 0, invert = false } = rule.proto ?? {};
  const name = PROTOCOLS[number];
  if (!invert && name !== undefined) return name;
  throw parameterProblem(
    invert || number !== 0
      ? 'multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP'
      : "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'",
  );
}

function parseList(text: string, rule: RuleContext): Range[] {
  const proto = protocolOf(rule);
  const tooMany = parameterProblem('too many ports specified');
  let used = 0;
  return text.split(',').map((part) => {
    if (used >= MAX_PORTS) throw tooMany;
    const colon = part.indexOf(':');
    used += colon < 0 ? 1 : 2;
    if (used > MAX_PORTS) throw tooMany;
    const min = parsePort(colon < 0 ? part : part.slice(0, colon), rule, proto);
    const max = colon < 0 ? min : parsePort(part.slice(colon + 1), rule, proto);
    if (colon >= 0 && min >= max) throw parameterProblem('invalid portrange specified');
    return { min, max };
  });
}

function parse({ name, value, invert, rule }: OptionCall, state: State): void {
  const which =
    name === 'source-ports' ? 'source' : name === 'ports' ? 'either' : ('destination' as const);
  state.match = { kind: 'multiport', which, ports: parseList(value.text, rule), invert };
}

function labels(m: MultiportMatch): string {
  return m.which === 'source' ? 'sports' : m.which === 'destination' ? 'dports' : 'ports';
}

function list(m: MultiportMatch, ctx: PrintContext): string {
  const name = (port: number): string => portName(port, PROTOCOLS[ctx.proto ?? 0] ?? '', ctx);
  return m.ports
    .map((r) => (r.min === r.max ? name(r.min) : `${name(r.min)}:${name(r.max)}`))
    .join(',');
}

const option = { type: 'string', invert: true, excl: ANY } as const;

/** `-m multiport`. extensions/libxt_multiport.c */
export const multiport: MatchExtension = defineMatch<MultiportMatch, State>({
  name: 'multiport',
  kinds: ['multiport'],
  options: [
    { name: 'source-ports', ...option },
    { name: 'sports', ...option, sameAs: 'source-ports' },
    { name: 'destination-ports', ...option },
    { name: 'dports', ...option, sameAs: 'destination-ports' },
    { name: 'ports', ...option },
  ],
  needsProtocol: Object.keys(PROTOCOLS).map(Number),
  init: () => ({}),
  parse,
  check(_state, seen) {
    if (seen.size === 0) throw parameterProblem('multiport expection an option');
  },
  finish: (state) => state.match as MultiportMatch,
  print: (m, ctx) => ` multiport ${labels(m)} ${m.invert ? ' !' : ''}${list(m, ctx)}`,
  save: (m, ctx) => `${not(m)} --${labels(m)} ${list(m, { ...ctx, numeric: true })}`,
});
