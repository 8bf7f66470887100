import type { IfaceMatch, PhysdevMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall, RuleContext } from '../../core/option.ts';
import { not } from '../format.ts';

type State = { -readonly [K in keyof PhysdevMatch]: PhysdevMatch[K] };

const IFNAMSIZ = 16;

function parseInterface(text: string, invert: boolean, rule: RuleContext): IfaceMatch {
  if (text.length + 1 > IFNAMSIZ) {
    throw parameterProblem(
      `interface name \`${text}' must be shorter than IFNAMSIZ (${IFNAMSIZ - 1})`,
    );
  }
  if (/[/ ]/.test(text)) {
    rule.warn(
      `Warning: weird character in interface \`${text}' ('/' and ' ' are not allowed by the kernel).\n`,
    );
  }
  const wildcard = text.endsWith('+');
  return { name: wildcard ? text.slice(0, -1) : text, wildcard, invert };
}

function parse({ name, value, invert, rule }: OptionCall, state: State): void {
  if (name === 'physdev-in') state.physin = parseInterface(value.text, invert, rule);
  else if (name === 'physdev-out') state.physout = parseInterface(value.text, invert, rule);
  else if (name === 'physdev-is-in') state.isIn = { invert };
  else if (name === 'physdev-is-out') state.isOut = { invert };
  else state.isBridged = { invert };
}

function flag(option: string, f: { readonly invert: boolean } | undefined): string {
  return f === undefined ? '' : `${not(f)} --${option}`;
}

function port(option: string, m: IfaceMatch | undefined): string {
  return m === undefined ? '' : `${not(m)} --${option} ${m.name}${m.wildcard ? '+' : ''}`;
}

function save(m: PhysdevMatch): string {
  return (
    flag('physdev-is-in', m.isIn) +
    port('physdev-in', m.physin) +
    flag('physdev-is-out', m.isOut) +
    port('physdev-out', m.physout) +
    flag('physdev-is-bridged', m.isBridged)
  );
}

/** `-m physdev`. extensions/libxt_physdev.c */
export const physdev: MatchExtension = defineMatch<PhysdevMatch, State>({
  name: 'physdev',
  kinds: ['physdev'],
  options: [
    { name: 'physdev-in', type: 'string', invert: true },
    { name: 'physdev-out', type: 'string', invert: true },
    { name: 'physdev-is-in', type: 'none', invert: true },
    { name: 'physdev-is-out', type: 'none', invert: true },
    { name: 'physdev-is-bridged', type: 'none', invert: true },
  ],
  init: () => ({ kind: 'physdev' }),
  parse,
  check(_state, seen) {
    if (seen.size === 0) throw parameterProblem('PHYSDEV: no physdev option specified');
  },
  finish: (state) => state,
  print: (m) => ` PHYSDEV match${save(m)}`,
  save,
});
