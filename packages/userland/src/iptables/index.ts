import { type DebPackage, type Program, withManual } from '../machine/index.ts';
import { absentProgram } from './absent-program.ts';
import { iptablesManual } from './manual.ts';
import { monitorManual, xtablesMonitor } from './monitor/index.ts';
import { iptablesProgram, legacyProgram } from './program.ts';
import { restoreProgram } from './restore.ts';
import { restoreManual } from './restore-options.ts';
import { saveProgram } from './save.ts';

export { asctime } from './asctime.ts';
export { formatAddr, maskAddr, maskOf, maskText, parseAddr } from './core/address.ts';
export {
  IptablesError,
  OTHER_PROBLEM,
  parameterProblem,
  RESOURCE_PROBLEM,
  VERSION_PROBLEM,
} from './core/error.ts';
export { Getopt, type LongOption, optionComplaint, type Parsed } from './core/getopt.ts';
export { xtManual, xtRows } from './core/manual.ts';
export { strtoui, strtouiPrefix } from './core/numbers.ts';
export { BadArgument } from './core/parse-command.ts';
export { NO_CHAIN, ShortError } from './core/tables.ts';
export { ICMP_TYPES, ICMPV6_TYPES, parseIcmpSpans } from './match/header/icmp-types.ts';
export { parsePeriod, periodText } from './match/rate/period.ts';
export { splitCounters, splitWords } from './restore-line.ts';
export { type SavedTable, type SaveKind, type SaveOptions, saveProgramOf } from './save-program.ts';
export { failure, notPermitted, VERSION } from './session.ts';

/** The programs of one family, under their plain names, those of nf_tables, and those of the tables that are not here. */
function family(name: 'iptables' | 'ip6tables'): Record<string, Program> {
  const of = name === 'iptables' ? 'inet' : 'inet6';
  const rules = withManual(iptablesProgram(of), iptablesManual(of));
  const save = saveProgram(of);
  const restore = withManual(restoreProgram(of), restoreManual);
  const programs: Record<string, Program> = {};
  for (const base of [name, `${name}-nft`]) {
    programs[`/usr/sbin/${base}`] = rules;
    programs[`/usr/sbin/${base}-save`] = save;
    programs[`/usr/sbin/${base}-restore`] = restore;
  }
  for (const end of ['', '-save', '-restore'])
    programs[`/usr/sbin/${name}-legacy${end}`] = legacyProgram;
  for (const end of ['-apply', '-translate', '-restore-translate'])
    programs[`/usr/sbin/${name}${end}`] = absentProgram;
  return programs;
}

/** iptables 1.8.9 as Debian 12 ships it, over nf_tables. */
export const iptables: DebPackage = {
  name: 'iptables',
  version: '1.8.9-2',
  preinstalled: true,
  programs: {
    ...family('iptables'),
    ...family('ip6tables'),
    '/usr/sbin/xtables-monitor': withManual(xtablesMonitor, monitorManual),
    '/usr/bin/iptables-xml': absentProgram,
  },
};
