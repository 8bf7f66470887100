import { ebtAction } from './action.ts';
import { EBT_BREAK, EBT_CONTINUE, EBT_VERDICTS, type EbtAct, type EbtFrame } from './frame.ts';
import { logAction, nflogAction } from './log.ts';
import { basicHolds, ebtMatcher } from './match/index.ts';
import type { EbtRule, EbtStep } from './rule.ts';

/** A rule as functions. What its matches remember stays with it as long as the rule is there. */
export interface CompiledEbtRule {
  /** Goes through the steps. @returns EBT_CONTINUE if the rule is for the frame and nothing has decided yet */
  readonly steps: EbtAct;
  /** What the target does; undefined if it leads to a chain. */
  readonly action: EbtAct | undefined;
}

function stepAct(step: EbtStep): EbtAct {
  switch (step.kind) {
    case 'log':
      return logAction(step);
    case 'nflog':
      return nflogAction(step);
    case 'mark':
    case 'snat':
    case 'dnat':
    case 'redirect':
    case 'arpreply':
      return ebtAction(step);
    default: {
      const holds = ebtMatcher(step);
      return (f) => (holds(f) ? EBT_CONTINUE : EBT_BREAK);
    }
  }
}

function targetAct({ target }: EbtRule): EbtAct | undefined {
  if (typeof target === 'string') {
    const verdict = EBT_VERDICTS[target];
    return () => verdict;
  }
  return target.kind === 'jump' ? undefined : ebtAction(target);
}

/** Makes a rule's functions. */
export function compileEbtRule(rule: EbtRule): CompiledEbtRule {
  const acts = rule.steps.map(stepAct);
  const steps = (f: EbtFrame): number => {
    if (!basicHolds(rule, f)) return EBT_BREAK;
    for (let i = 0; i < acts.length; i++) {
      const said = (acts[i] as EbtAct)(f);
      if (said !== EBT_CONTINUE) return said;
    }
    return EBT_CONTINUE;
  };
  return { steps, action: targetAct(rule) };
}
