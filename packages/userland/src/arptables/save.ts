/** The program `arptables-save`. iptables/xtables-save.c */
import type { ArpChain } from '@labwire/devices/arptables';
import { saveProgramOf } from '../iptables/index.ts';
import type { Program } from '../machine/index.ts';
import { ArpEdit } from './edit.ts';
import { rulesOf } from './run.ts';

const LONGS = [
  { name: 'counters', arg: 'none', value: 'c' },
  { name: 'version', arg: 'none', value: 'V' },
  { name: 'modprobe', arg: 'required', value: 'M' },
] as const;

function dumped(chain: ArpChain, counters: boolean): string {
  const lines = rulesOf(chain).map((line, i) => {
    const { packets = 0, bytes = 0 } = chain.rules[i]?.counters ?? {};
    return counters ? `[${packets}:${bytes}] ${line}` : line;
  });
  return lines.join('');
}

/** arptables-save(8) */
export const arptablesSave: Program = saveProgramOf({
  name: 'arptables-save',
  letters: 'cM:V',
  longs: LONGS,
  tables({ netns }, { counters }) {
    const edit = new ArpEdit(netns);
    if (!edit.exists) return [];
    const chains = edit.listed();
    const heads = chains.map(({ name, policy }) => `:${name} ${policy ?? '-'}\n`).join('');
    return [{ name: 'filter', lines: heads + chains.map((c) => dumped(c, counters)).join('') }];
  },
});
