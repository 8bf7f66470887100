import type { EbtVerdict } from '@labwire/devices/bridge';
import { parameterProblem } from '../../iptables/index.ts';

/** Verdicts in the order in which ebtables numbers them. */
export const VERDICTS: readonly EbtVerdict[] = ['ACCEPT', 'DROP', 'CONTINUE', 'RETURN'];

/** What a target's own verdict option names. `ebt_fill_target()` @throws {@link IptablesError} */
export function readVerdict(text: string, option: string): EbtVerdict {
  const verdict = VERDICTS.find((v) => v === text);
  if (verdict === undefined) throw parameterProblem(`Illegal --${option} target`);
  return verdict;
}
