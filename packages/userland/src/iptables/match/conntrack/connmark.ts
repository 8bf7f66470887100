import type { MarkMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { hex } from '../../core/numbers.ts';
import { bang, not } from '../format.ts';

/** ` 0x1`, or ` 0x1/0xff` if not every bit counts. xtables_print_mark_mask() */
function valueText({ value, mask }: MarkMatch): string {
  return mask === 0xffff_ffff ? ` ${hex(value)}` : ` ${hex(value)}/${hex(mask)}`;
}

function extension(kind: MarkMatch['kind'], print: (m: MarkMatch) => string): MatchExtension {
  return defineMatch<MarkMatch, { match?: MarkMatch }>({
    name: kind,
    kinds: [kind],
    options: [{ name: 'mark', type: 'markmask', mandatory: true, invert: true }],
    init: () => ({}),
    parse({ value, invert }, state) {
      state.match = { kind, value: value.num, mask: value.numMask, invert };
    },
    finish: (state) => state.match as MarkMatch,
    print,
    save: (m) => `${not(m)} --mark${valueText(m)}`,
  });
}

/** `-m connmark`. extensions/libxt_connmark.c */
export const connmark: MatchExtension = extension(
  'connmark',
  (m) => ` connmark match ${bang(m)}${valueText(m)}`,
);
/** `-m mark`. extensions/libxt_mark.c */
export const mark: MatchExtension = extension('mark', (m) => ` mark match${not(m)}${valueText(m)}`);
