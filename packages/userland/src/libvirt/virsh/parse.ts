import { type CommandDef, type OptionDef, ParsedCommand } from './command.ts';
import type { CommandTable } from './command-table.ts';
import type { Token } from './tokens.ts';

/** A command line that makes no sense; each message is printed after `error: `. */
export class VshSyntaxError extends Error {
  readonly messages: readonly string[];

  constructor(...messages: readonly string[]) {
    super(messages.join('; '));
    this.messages = messages;
  }
}

const HELP: OptionDef = { name: 'help', type: 'bool', help: 'print help for this function' };

/** Reads a line's commands. libvirt tools/vsh.c, vshCommandParse() @throws VshSyntaxError */
export function parseCommands(table: CommandTable, tokens: readonly Token[]): ParsedCommand[] {
  const commands: ParsedCommand[] = [];
  let words: string[] = [];
  for (const token of [...tokens, { kind: 'next-command' } as const]) {
    if (token.kind === 'word') {
      words.push(token.text);
      continue;
    }
    // A word that cannot be read is told of only if the words before it were in order.
    if (words.length > 0) commands.push(parseCommand(table, words, token.kind === 'error'));
    if (token.kind === 'error') throw new VshSyntaxError(token.message);
    words = [];
  }
  return commands;
}

function parseCommand(
  table: CommandTable,
  words: readonly string[],
  unfinished: boolean,
): ParsedCommand {
  const [name = '', ...args] = words;
  const def = table.find(name);
  if (def === undefined) throw new VshSyntaxError(`unknown command: '${name}'`);
  const parser = new OptionParser(def);
  const given = parser.parse(args);
  if (unfinished) return new ParsedCommand(def, given);
  if (given.some(({ option }) => option === HELP)) return helpFor(table, def);
  parser.checkRequired();
  return new ParsedCommand(def, given);
}

/** `COMMAND --help` is `help COMMAND`. */
function helpFor(table: CommandTable, def: CommandDef): ParsedCommand {
  const help = table.find('help') as CommandDef;
  const option = help.options?.[0] as OptionDef;
  return new ParsedCommand(help, [{ option, value: def.name }]);
}

/** Gives a command's words to its options. */
class OptionParser {
  readonly #def: CommandDef;
  readonly #seen = new Set<OptionDef>();
  readonly #given: { option: OptionDef; value: string }[] = [];
  /** Options that words without a name go to, in order. */
  #open: OptionDef[];

  constructor(def: CommandDef) {
    this.#def = def;
    this.#open = (def.options ?? []).filter((o) => o.type !== 'bool' && o.named !== true);
  }

  parse(args: readonly string[]): { option: OptionDef; value: string }[] {
    let dataOnly = false;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] as string;
      if (!dataOnly && arg === '--') dataOnly = true;
      else if (!dataOnly && /^--[A-Za-z0-9]/.test(arg)) i += this.#named(arg, args[i + 1]);
      else this.#word(arg);
    }
    return this.#given;
  }

  /** Takes `--name`, `--name=value` or `--name value`. @returns how many words besides it were taken */
  #named(arg: string, next: string | undefined): number {
    const eq = arg.indexOf('=');
    const name = arg.slice(2, eq < 0 ? undefined : eq);
    const option = this.#find(name);
    if (option === undefined) return 0;
    if (option.type === 'bool') {
      if (eq >= 0) throw new VshSyntaxError(`invalid '=' after option --${name}`);
      this.#given.push({ option, value: '' });
      return 0;
    }
    const value = eq < 0 ? next : arg.slice(eq + 1);
    if (value === undefined)
      throw new VshSyntaxError(
        `expected syntax: --${name} <${option.type === 'int' ? 'number' : 'string'}>`,
      );
    if (option.type !== 'argv') this.#open = this.#open.filter((o) => o !== option);
    this.#given.push({ option, value });
    return eq < 0 ? 1 : 0;
  }

  #find(name: string): OptionDef | undefined {
    if (name === HELP.name) return HELP;
    const option = this.#def.options?.find((o) => o.name === name);
    if (option === undefined) {
      // `help` overlooks what it does not know
      if (this.#def.name === 'help') return undefined;
      throw new VshSyntaxError(`command '${this.#def.name}' doesn't support option --${name}`);
    }
    if (this.#seen.has(option) && option.type !== 'argv')
      throw new VshSyntaxError(`option --${name} already seen`);
    this.#seen.add(option);
    return option;
  }

  #word(value: string): void {
    const option = this.#open[0];
    if (option === undefined) {
      if (this.#def.name === 'help') return;
      throw new VshSyntaxError(`unexpected data '${value}'`);
    }
    if (option.type !== 'argv') this.#open = this.#open.slice(1);
    this.#seen.add(option);
    this.#given.push({ option, value });
  }

  checkRequired(): void {
    const missing = (this.#def.options ?? []).filter(
      (o) => (o.type === 'data' || o.required === true) && !this.#seen.has(o),
    );
    if (missing.length === 0) return;
    throw new VshSyntaxError(
      ...missing.map((o) => {
        const shown = o.type === 'data' || o.type === 'argv' ? `<${o.name}>` : `--${o.name}`;
        return `command '${this.#def.name}' requires ${shown} option`;
      }),
    );
  }
}
