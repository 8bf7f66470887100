/** The program `ebtables` in its nf_tables form. iptables/xtables-eb-standalone.c */
import { failure, notPermitted, VERSION } from '../iptables/index.ts';
import { type Process, type Program, withManual } from '../machine/index.ts';
import { EbtCommandParser, runEbtCommand } from './command/index.ts';
import { EbtEdit } from './edit.ts';
import { EbtShortError } from './failure.ts';
import { ebtablesManual } from './manual.ts';
import { namesOf } from './names.ts';
import { USAGE } from './usage.ts';

const NAME = 'ebtables';
const HEAD = `${NAME} ${VERSION}\n`;
/** Commands that only look. */
const LOOKING: readonly string[] = ['check', 'C'];

/** @returns what it prints */
async function run(proc: Process): Promise<string> {
  const names = namesOf(proc.fs);
  const command = new EbtCommandParser(proc.argv.slice(1), names).parse();
  for (const warning of command.warnings) await proc.err(warning);
  if (command.letter === 'version') return HEAD;
  if (command.letter === 'help') return HEAD + USAGE;
  const edit = new EbtEdit(proc.netns, command.table);
  const out = runEbtCommand(command, edit, names);
  if (!LOOKING.includes(command.letter)) edit.commit();
  return out;
}

async function main(proc: Process): Promise<number> {
  if (proc.uid !== 0 && !proc.argv.some((a) => /^(-V|--version|-h|--help)$/.test(a))) {
    await proc.err(notPermitted(NAME));
    return 4;
  }
  try {
    await proc.out(await run(proc));
    return 0;
  } catch (e) {
    const { text, code } =
      e instanceof EbtShortError ? { text: `${NAME}: ${e.message}\n`, code: 1 } : failure(NAME, e);
    await proc.err(text);
    return code;
  }
}

/** ebtables(8) */
export const ebtables: Program = withManual(main, ebtablesManual);
