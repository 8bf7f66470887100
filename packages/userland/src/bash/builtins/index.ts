import type { Builtin } from '../shell.ts';
import { controlBuiltins } from './control.ts';
import { declareBuiltins } from './declare.ts';
import { directoryBuiltins } from './directory.ts';
import { inputBuiltins } from './input.ts';
import { jobBuiltins } from './jobs.ts';
import { lookupBuiltins } from './lookup.ts';
import { outputBuiltins } from './output.ts';
import { settingBuiltins } from './settings.ts';
import { trapBuiltins } from './trap.ts';

/** All commands that are part of the shell, by name. */
export const builtins: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    ...controlBuiltins,
    ...declareBuiltins,
    ...directoryBuiltins,
    ...inputBuiltins,
    ...jobBuiltins,
    ...lookupBuiltins,
    ...outputBuiltins,
    ...settingBuiltins,
    ...trapBuiltins,
  }),
);
