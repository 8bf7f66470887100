import type { LongOption } from '../../iptables/index.ts';
import type { EbtExtension, EbtOption } from '../extension.ts';
import { EBT_MATCHES } from '../match/index.ts';
import { EBT_TARGETS } from '../target/index.ts';

/** An extension's option, or a letter or name of ebtables' own. */
export type OptionValue = string | { readonly extension: EbtExtension; readonly option: EbtOption };

/** What getopt(3) is given. EBT_OPTSTRING */
export const SHORTS = 'A:C:D:E:F::I:L::M:N:P:VX::Z::c:d:i:j:o:p:s:t:hv';

type Arg = LongOption<OptionValue>['arg'];

function own(value: string, arg: Arg, ...names: string[]): LongOption<string>[] {
  return names.map((name) => ({ name, arg, value }));
}

function ofExtension(extension: EbtExtension): LongOption<OptionValue>[] {
  return extension.options.flatMap((option) =>
    option.names.map((name) => ({
      name,
      arg: option.flag === true ? ('none' as const) : ('required' as const),
      value: { extension, option },
    })),
  );
}

/** ebtables' own long options. `ebt_original_options[]` */
export const OWN_LONGS: readonly LongOption<string>[] = [
  ...own('A', 'required', 'append'),
  ...own('I', 'required', 'insert'),
  ...own('D', 'required', 'delete'),
  ...own('L', 'optional', 'list'),
  ...own('Lc', 'none', 'Lc'),
  ...own('Ln', 'none', 'Ln'),
  ...own('Lx', 'none', 'Lx'),
  ...own('Lmac2', 'none', 'Lmac2'),
  ...own('Z', 'optional', 'zero'),
  ...own('F', 'optional', 'flush'),
  ...own('P', 'required', 'policy'),
  ...own('i', 'required', 'in-interface', 'in-if'),
  ...own('logical-in', 'required', 'logical-in'),
  ...own('logical-out', 'required', 'logical-out'),
  ...own('o', 'required', 'out-interface', 'out-if'),
  ...own('V', 'none', 'version'),
  ...own('v', 'none', 'verbose'),
  ...own('h', 'none', 'help'),
  ...own('j', 'required', 'jump'),
  ...own('c', 'required', 'set-counters'),
  ...own('C', 'required', 'change-counters'),
  ...own('p', 'required', 'proto', 'protocol'),
  ...own('b', 'required', 'db'),
  ...own('s', 'required', 'source', 'src'),
  ...own('d', 'required', 'destination', 'dst'),
  ...own('t', 'required', 'table'),
  ...own('M', 'required', 'modprobe'),
  ...own('N', 'required', 'new-chain'),
  ...own('E', 'required', 'rename-chain'),
  ...own('X', 'optional', 'delete-chain'),
  ...own('init', 'none', 'init-table'),
  ...own('concurrent', 'none', 'concurrent'),
  ...own('check', 'required', 'check'),
];

/** Those, and those of the extensions. */
export const LONGS: readonly LongOption<OptionValue>[] = [
  ...OWN_LONGS,
  ...[...EBT_MATCHES, ...EBT_TARGETS].flatMap(ofExtension),
];
