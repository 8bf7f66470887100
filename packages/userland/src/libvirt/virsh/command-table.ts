import { CATALOG } from './catalog.ts';
import type { CommandDef } from './command.ts';
import { refusedCommand } from './refused.ts';

/** What the catalog says of each command. */
const SUMMARIES: ReadonlyMap<string, string> = new Map(CATALOG.flatMap((g) => g.entries));

/** The commands that virsh has, by name. */
export class CommandTable {
  readonly #commands: ReadonlyMap<string, CommandDef>;

  constructor(commands: readonly CommandDef[]) {
    this.#commands = new Map(commands.map((c) => [c.name, c]));
  }

  /** All that Labwire has. */
  list(): CommandDef[] {
    return [...this.#commands.values()];
  }

  /** A command by its name. vshCmddefSearch() @returns undefined if virsh has none such; one that refuses if only Labwire has none */
  find(name: string): CommandDef | undefined {
    return this.#commands.get(name) ?? (SUMMARIES.has(name) ? refusedCommand(name) : undefined);
  }
}

/** What a command is for, in one line. */
export function summaryOf(name: string): string {
  return SUMMARIES.get(name) ?? '';
}
