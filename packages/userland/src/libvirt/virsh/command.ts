import type { Vsh } from './vsh.ts';

/**
 * What an option takes. `data`: a required word; `string`, `int`: an optional one; `bool`: nothing; `argv`: all words
 * that are left. Words without an option's name go to the options in their order, but for those that are `named`.
 * libvirt tools/vsh.h, vshCmdOptType
 */
export type OptionType = 'data' | 'string' | 'int' | 'bool' | 'argv';

/** One option of a command. vshCmdOptDef */
export interface OptionDef {
  readonly name: string;
  readonly type: OptionType;
  readonly help: string;
  /** Given only as `--name value`. VSH_OFLAG_REQ_OPT */
  readonly named?: boolean;
  /** An `int` or `argv` that must be there. VSH_OFLAG_REQ */
  readonly required?: boolean;
  /** May be an empty word. VSH_OFLAG_EMPTY_OK */
  readonly mayBeEmpty?: boolean;
}

/** One command of virsh. vshCmdDef */
export interface CommandDef {
  readonly name: string;
  /** Absent: what the catalog says. */
  readonly description?: string;
  readonly options?: readonly OptionDef[];
  /** Needs no connection. VSH_CMD_FLAG_NOCONNECT */
  readonly unconnected?: boolean;
  /** Does it. @returns whether it succeeded @throws LibvirtError */
  run(vsh: Vsh, cmd: ParsedCommand): Promise<boolean>;
}

/** A command with what was given for its options. vshCmd */
export class ParsedCommand {
  readonly def: CommandDef;
  /** Options in the order in which they were given. */
  readonly given: readonly { readonly option: OptionDef; readonly value: string }[];

  constructor(
    def: CommandDef,
    given: readonly { readonly option: OptionDef; readonly value: string }[],
  ) {
    this.def = def;
    this.given = given;
  }

  /** Whether an option was given. vshCommandOptBool() */
  has(name: string): boolean {
    return this.given.some(({ option }) => option.name === name);
  }

  /** What was given for an option. vshCommandOptStringQuiet() */
  value(name: string): string | undefined {
    return this.given.find(({ option }) => option.name === name)?.value;
  }

  /** All words of an `argv` option. */
  words(name: string): string[] {
    return this.given.filter(({ option }) => option.name === name).map(({ value }) => value);
  }
}
