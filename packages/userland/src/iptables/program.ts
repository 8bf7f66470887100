/** The programs `iptables` and `ip6tables`. iptables/xtables-standalone.c */
import type { Family } from '@labwire/devices/rtnetlink';
import type { Process, Program } from '../machine/index.ts';
import { reverse } from '../resolver/index.ts';
import { type HostNames, listedAddresses, runCommand } from './command/index.ts';
import { formatAddr, parseAddr } from './core/address.ts';
import { incompatibleNote, requireCompatible } from './core/incompatible.ts';
import { nameContext } from './core/names.ts';
import type { Command } from './core/parse-command.ts';
import { TableEdit } from './core/tables.ts';
import { CommandReader, failure, notPermitted, VERSION } from './session.ts';
import { usage } from './usage.ts';

/** Commands that only look. */
const LOOKING = 'LSC';

/** A network's name in networks(5), where trailing zero bytes may be left out. */
function networkName(proc: Process, addr: string): string | undefined {
  if (!proc.fs.exists('/etc/networks')) return undefined;
  for (const line of proc.fs.readText('/etc/networks').split('\n')) {
    const [name, network = ''] = line.replace(/#.*/, '').trim().split(/\s+/);
    const parsed = parseAddr(network, 'inet');
    if (parsed !== undefined && formatAddr(parsed) === addr) return name;
  }
  return undefined;
}

/** The names of the addresses that a listing will show; they have to be asked for before. */
async function hostNames(proc: Process, family: Family, c: Command): Promise<HostNames> {
  const names = new Map<string, string>();
  if (!c.letters.includes('L') || c.options.has('-n')) return names;
  for (const addr of listedAddresses(c, new TableEdit(proc.netns, family, c.table))) {
    const key = formatAddr(addr);
    if (names.has(key)) continue;
    const name = (await reverse(proc, addr))?.name ?? networkName(proc, key);
    if (name !== undefined) names.set(key, name);
  }
  return names;
}

async function carryOut(proc: Process, family: Family, c: Command): Promise<void> {
  const hosts = await hostNames(proc, family, c);
  const edit = new TableEdit(proc.netns, family, c.table);
  const lists = c.letters.includes('L') || c.letters.includes('S');
  if (lists) requireCompatible(proc.netns, family, edit.name);
  const note = lists ? incompatibleNote(proc.netns, family, edit.name) : '';
  const out = runCommand({ family, names: nameContext(proc), hosts }, c, edit);
  try {
    if (!c.letters.every((l) => LOOKING.includes(l))) edit.commit();
  } finally {
    await proc.out(note + out);
  }
}

/** Makes the program of a family. */
export function iptablesProgram(family: Family): Program {
  const program = family === 'inet' ? 'iptables' : 'ip6tables';
  return async (proc) => {
    if (proc.uid !== 0 && !proc.argv.some((a) => /^(-V|--version|-h|--help)$/.test(a))) {
      await proc.err(notPermitted(program));
      return 4;
    }
    try {
      const command = await new CommandReader(proc, family, program).read(proc.argv.slice(1));
      if (command.info === 'version') await proc.out(`${program} v${VERSION}\n`);
      else if (command.info === 'help') await proc.out(usage(program));
      else await carryOut(proc, family, command);
      return 0;
    } catch (e) {
      const { text, code } = failure(program, e);
      await proc.err(text);
      return code;
    }
  };
}

/** `iptables-legacy` and its like: there is no second set of tables here. */
export const legacyProgram: Program = async (proc) => {
  const [name = ''] = proc.argv;
  const nft = name.replace(/^.*\//, '').replace('-legacy', '');
  await proc.err(
    `${name}: the legacy tables are not there in Labwire; ${nft} keeps its rules in nf_tables\n`,
  );
  return 1;
};
