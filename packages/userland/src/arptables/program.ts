/** The program `arptables` in its nf_tables form. iptables/xtables-arp.c */
import { failure, notPermitted, VERSION } from '../iptables/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { ArpCommandParser } from './command.ts';
import { ArpEdit } from './edit.ts';
import { runArpCommand } from './run.ts';

const NAME = 'arptables';
const USAGE = `Usage: arptables -[ACD] chain rule-specification [options]
       arptables -I chain [rulenum] rule-specification [options]
       arptables -R chain rulenum rule-specification [options]
       arptables -D chain rulenum [options]
       arptables -[LS] [chain [rulenum]] [options]
       arptables -[FZ] [chain] [options]
       arptables -[NX] chain
       arptables -E old-chain-name new-chain-name
       arptables -P chain target [options]
       arptables -h (print this help information)
`;

/** @returns what it prints */
async function run(proc: Process): Promise<string> {
  const command = new ArpCommandParser(proc.argv.slice(1), false).parse();
  for (const warning of command.warnings) await proc.err(warning);
  if (command.letter === 'V') return `${NAME} v${VERSION}\n`;
  if (command.letter === 'h') return `${NAME} v${VERSION}\n\n${USAGE}`;
  const edit = new ArpEdit(proc.netns);
  const out = runArpCommand(command, edit);
  if (command.letter !== 'C') edit.commit();
  return out;
}

/** arptables(8) */
export const arptables: Program = async (proc) => {
  if (proc.uid !== 0 && !proc.argv.some((a) => /^(-V|--version|-h|--help)$/.test(a))) {
    await proc.err(notPermitted(NAME));
    return 4;
  }
  try {
    await proc.out(await run(proc));
    return 0;
  } catch (e) {
    const { text, code } = failure(NAME, e);
    await proc.err(text);
    return code;
  }
};
