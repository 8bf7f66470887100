import { type Process, type Program, withManual } from '../../machine/index.ts';
import { CommandTable } from './command-table.ts';
import { domainCommands } from './domain/index.ts';
import { hostCommands } from './host-commands.ts';
import { interact } from './interact.ts';
import { virshManual } from './manual.ts';
import { networkCommands } from './network/index.ts';
import { parseVirshOptions } from './options.ts';
import { parseCommands, VshSyntaxError } from './parse.ts';
import { selfCommands } from './self-commands.ts';
import { argvTokens, lineTokens, type Token } from './tokens.ts';
import { Vsh } from './vsh.ts';

const TABLE: CommandTable = new CommandTable([
  ...domainCommands,
  ...networkCommands,
  ...hostCommands,
  ...selfCommands,
]);

async function main(proc: Process): Promise<number> {
  const options = parseVirshOptions(proc.argv.slice(1));
  if (!('words' in options)) {
    if (options.out !== undefined) await proc.out(options.out);
    if (options.error !== undefined) await proc.err(`error: ${options.error}\n`);
    return options.error === undefined ? 0 : 1;
  }
  for (const warning of options.warnings) await proc.err(`error: ${warning}\n`);
  const { words } = options;
  const [line] = words;
  const env = (name: string) => proc.env.get(name) ?? '';
  const uri = options.uri ?? (env('VIRSH_DEFAULT_CONNECT_URI') || env('LIBVIRT_DEFAULT_URI'));
  const vsh = new Vsh(proc, { ...options, uri, interactive: line === undefined }, TABLE);
  if (line === undefined) return interact(vsh);
  if (line === '' && words.length === 1) return 1;
  return runOnce(vsh, words.length === 1 ? lineTokens(line) : argvTokens(words));
}

/** virsh(1). libvirt tools/virsh.c, main() */
export const virsh: Program = withManual(main, virshManual(TABLE.list()));

async function runOnce(vsh: Vsh, tokens: readonly Token[]): Promise<number> {
  try {
    return (await vsh.run(parseCommands(TABLE, tokens))) ? 0 : 1;
  } catch (e) {
    if (!(e instanceof VshSyntaxError)) throw e;
    for (const message of e.messages) await vsh.error(message);
    return 1;
  }
}
