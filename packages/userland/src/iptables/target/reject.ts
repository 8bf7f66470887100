import type { RejectTarget } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import type { RuleContext } from '../core/option.ts';

/** Answers by name and second name, in the order in which a beginning of a name is looked up. */
const TYPES: Readonly<Record<Family, readonly (readonly [string, string])[]>> = {
  inet: [
    ['icmp-net-unreachable', 'net-unreach'],
    ['icmp-host-unreachable', 'host-unreach'],
    ['icmp-proto-unreachable', 'proto-unreach'],
    ['icmp-port-unreachable', 'port-unreach'],
    ['icmp-net-prohibited', 'net-prohib'],
    ['icmp-host-prohibited', 'host-prohib'],
    ['tcp-reset', 'tcp-rst'],
    ['icmp-admin-prohibited', 'admin-prohib'],
  ],
  inet6: [
    ['icmp6-no-route', 'no-route'],
    ['icmp6-adm-prohibited', 'adm-prohibited'],
    ['icmp6-addr-unreachable', 'addr-unreach'],
    ['icmp6-port-unreachable', 'port-unreach'],
    ['tcp-reset', 'tcp-reset'],
    ['icmp6-policy-fail', 'policy-fail'],
    ['icmp6-reject-route', 'reject-route'],
  ],
};

/** Answers of long ago. */
const GONE = ['echo-reply', 'echoreply'];

function typeOf(text: string, { family, warn }: RuleContext): string {
  const lower = text.toLowerCase();
  const found = TYPES[family].find((names) => names.some((n) => n.startsWith(lower)));
  if (found !== undefined) return found[0];
  if (family === 'inet' && GONE.some((n) => n.startsWith(lower)))
    warn('--reject-with echo-reply no longer supported\n');
  throw parameterProblem(`unknown reject type "${text}"`);
}

/** `-j REJECT`. extensions/libipt_REJECT.c, libip6t_REJECT.c */
export const reject: TargetExtension = defineTarget<RejectTarget, { with: string }>({
  name: 'REJECT',
  kinds: ['REJECT'],
  options: [{ name: 'reject-with', type: 'string' }],
  init: ({ family }) => ({
    with: family === 'inet' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable',
  }),
  parse: ({ value, rule }, state) => {
    state.with = typeOf(value.text, rule);
  },
  finish: (state) => ({ kind: 'REJECT', ...state }),
  print: (t) => ` reject-with ${t.with}`,
  save: (t) => ` --reject-with ${t.with}`,
});
