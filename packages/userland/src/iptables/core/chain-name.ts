import type { Family } from '@labwire/devices/rtnetlink';
import { parameterProblem } from './error.ts';
import { findTarget } from './registry.ts';

/** Chains and targets have names shorter than this. XT_EXTENSION_MAXNAMELEN */
export const MAX_NAME = 29;
/** Targets that are built in: no chain may have their names. */
export const VERDICTS: readonly string[] = ['ACCEPT', 'DROP', 'RETURN', 'QUEUE'];

/** `assert_valid_chain_name()` */
export function checkChainName(name: string, family: Family): void {
  if (name.length >= MAX_NAME)
    throw parameterProblem(`chain name \`${name}' too long (must be under ${MAX_NAME} chars)`);
  if (/^[-!]/.test(name))
    throw parameterProblem(`chain name not allowed to start with \`${name[0]}'`);
  if (VERDICTS.includes(name) || findTarget(name, family) !== undefined) {
    throw parameterProblem('chain name may not clash with target name');
  }
  if (/\s/.test(name)) throw parameterProblem(`Invalid chain name \`${name}'`);
}

/** `xt_parse_target()` */
export function checkTargetName(name: string): void {
  if (name === '') throw parameterProblem('Invalid target name (too short)');
  if (name.length >= MAX_NAME)
    throw parameterProblem(`Invalid target name \`${name}' (${MAX_NAME - 1} chars max)`);
  if (/\s/.test(name)) throw parameterProblem(`Invalid target name \`${name}'`);
}
