import type { Section, UpdateCommand } from '../../network/index.ts';
import { isSection } from '../../network/index.ts';
import type { CommandDef, ParsedCommand } from '../command.ts';
import { parseInt32 } from '../number.ts';
import { readFileOf } from '../read-file.ts';
import type { Vsh } from '../vsh.ts';
import { networkOption, requiredWord, theNetwork } from './network-option.ts';

const COMMANDS: Readonly<Record<string, UpdateCommand>> = {
  modify: 'modify',
  delete: 'delete',
  'add-last': 'add-last',
  'add-first': 'add-first',
  add: 'add-last',
};

/** `net-update` */
export const updateCommand: CommandDef = {
  name: 'net-update',
  options: [
    networkOption(),
    {
      name: 'command',
      type: 'data',
      help: 'type of update (add-first, add-last (add), delete, or modify)',
    },
    { name: 'section', type: 'data', help: 'which section of network configuration to update' },
    {
      name: 'xml',
      type: 'data',
      help: "name of file containing xml (or, if it starts with '<', the complete xml element itself) to add/modify, or to be matched for search",
    },
    { name: 'parent-index', type: 'int', help: 'which parent object to search through' },
    { name: 'config', type: 'bool', help: 'affect next network startup' },
    { name: 'live', type: 'bool', help: 'affect running network' },
    { name: 'current', type: 'bool', help: 'affect current state of network' },
  ],
  async run(vsh, cmd) {
    for (const other of ['live', 'config'])
      if (cmd.has('current') && cmd.has(other)) {
        await vsh.error(`Options --current and --${other} are mutually exclusive`);
        return false;
      }
    const name = await theNetwork(vsh, cmd);
    const words = await readWords(vsh, cmd);
    if (words === undefined) return false;
    const affected = { live: cmd.has('live'), config: cmd.has('config') };
    const active = await vsh.explain(
      `Failed to update network ${name}`,
      vsh.connection.change('virNetworkUpdate', async (d) => {
        const network = d.networks.list.byName(name);
        await d.networks.update(network, words, affected);
        return network.active;
      }),
    );
    const { live, config } = affected;
    const what =
      live && config
        ? 'persistent config and live state'
        : live || (!config && active)
          ? 'live state'
          : 'persistent config';
    await vsh.printExtra(`Updated network ${name} ${what}`);
    return true;
  },
};

interface Words {
  readonly command: UpdateCommand;
  readonly section: Section;
  readonly parentIndex: number;
  readonly xml: string;
}

/** @returns undefined if one makes no sense, which has been said */
async function readWords(vsh: Vsh, cmd: ParsedCommand): Promise<Words | undefined> {
  const commandWord = await requiredWord(vsh, cmd, 'command');
  if (commandWord === undefined) return undefined;
  const command = COMMANDS[commandWord];
  if (command === undefined) {
    await vsh.error(`unrecognized command name '${commandWord}'`);
    return undefined;
  }
  const section = await requiredWord(vsh, cmd, 'section');
  if (section === undefined) return undefined;
  if (!isSection(section)) {
    await vsh.error(`unrecognized section name '${section}'`);
    return undefined;
  }
  const index = cmd.value('parent-index');
  const parentIndex = index === undefined ? -1 : parseInt32(index);
  if (parentIndex === undefined) {
    await vsh.error(
      `Numeric value '${index}' for <parent-index> option is malformed or out of range`,
    );
    return undefined;
  }
  const xml = await requiredWord(vsh, cmd, 'xml');
  if (xml === undefined) return undefined;
  const text = xml.startsWith('<') ? xml : await readFileOf(vsh, xml);
  return { command, section, parentIndex, xml: text };
}
