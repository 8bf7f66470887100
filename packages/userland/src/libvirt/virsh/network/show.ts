import { LibvirtError } from '../../base/index.ts';
import type { Network } from '../../network/index.ts';
import type { CommandDef, OptionDef, ParsedCommand } from '../command.ts';
import { formatTable } from '../table.ts';
import { findNetwork, networkOption, theNetwork } from './network-option.ts';

function flag(name: string, help: string): OptionDef {
  return { name, type: 'bool', help };
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

/** What net-list tells of one network. */
interface Row {
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  readonly autostart: boolean;
  readonly persistent: boolean;
}

function rowOf({ def, active, autostart, persistent }: Network): Row {
  return { name: def.name, uuid: def.uuid, active, autostart, persistent };
}

/** Which networks the options of net-list ask for. virshNetworkListCollect() */
function wanted(cmd: ParsedCommand, row: Row): boolean {
  if (cmd.has('inactive') && row.active) return false;
  if (!cmd.has('inactive') && !cmd.has('all') && !row.active) return false;
  const either = (yes: string, no: string, is: boolean) =>
    cmd.has(yes) === cmd.has(no) || cmd.has(yes) === is;
  return (
    either('persistent', 'transient', row.persistent) &&
    either('autostart', 'no-autostart', row.autostart)
  );
}

/** Names in order, whatever their case. virshNetworkSorter() */
function byName(a: Row, b: Row): number {
  const [x, y] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}

const list: CommandDef = {
  name: 'net-list',
  description: 'Returns list of networks.',
  options: [
    flag('inactive', 'list inactive networks'),
    flag('all', 'list inactive & active networks'),
    flag('persistent', 'list persistent networks'),
    flag('transient', 'list transient networks'),
    flag('autostart', 'list networks with autostart enabled'),
    flag('no-autostart', 'list networks with autostart disabled'),
    flag('uuid', "list uuid's only"),
    flag('name', 'list network names only'),
    flag('table', 'list table (default)'),
  ],
  async run(vsh, cmd) {
    if (['table', 'name', 'uuid'].filter((o) => cmd.has(o)).length > 1) {
      await vsh.error('Only one argument from --table, --name and --uuid may be specified.');
      return false;
    }
    const all = await vsh.connection.call((d) => d.networks.list.all().map(rowOf));
    const rows = all.filter((row) => wanted(cmd, row)).sort(byName);
    if (cmd.has('uuid') || cmd.has('name'))
      for (const row of rows) await vsh.print(`${cmd.has('uuid') ? row.uuid : row.name}\n`);
    else await vsh.print(tableOf(rows, !vsh.settings.quiet));
    return true;
  },
};

function tableOf(rows: readonly Row[], header: boolean): string {
  const cells = rows.map((r) => [
    r.name,
    r.active ? 'active' : 'inactive',
    yesNo(r.autostart),
    yesNo(r.persistent),
  ]);
  return formatTable(['Name', 'State', 'Autostart', 'Persistent'], cells, header);
}

const info: CommandDef = {
  name: 'net-info',
  description: 'Returns basic information about the network',
  options: [networkOption()],
  async run(vsh, cmd) {
    const name = await theNetwork(vsh, cmd);
    const { row, bridge } = await vsh.connection.call((d) => {
      const network = d.networks.list.byName(name);
      return { row: rowOf(network), bridge: network.def.bridge };
    });
    const line = (label: string, value: string) => `${label.padEnd(15)} ${value}\n`;
    await vsh.print(
      line('Name:', row.name) +
        line('UUID:', row.uuid) +
        line('Active:', yesNo(row.active)) +
        line('Persistent:', yesNo(row.persistent)) +
        line('Autostart:', yesNo(row.autostart)) +
        (bridge === undefined ? '' : line('Bridge:', bridge)),
    );
    return true;
  },
};

const dumpxml: CommandDef = {
  name: 'net-dumpxml',
  description: 'Output the network information as an XML dump to stdout.',
  options: [
    networkOption(),
    flag('inactive', 'show inactive defined XML'),
    {
      name: 'xpath',
      type: 'string',
      named: true,
      help: 'xpath expression to filter the XML document',
    },
    flag('wrap', 'wrap xpath results in an common root element'),
  ],
  async run(vsh, cmd) {
    if (cmd.has('xpath') || cmd.has('wrap'))
      throw new LibvirtError('argument-unsupported', 'Labwire has no XPath (--xpath, --wrap)');
    const name = await theNetwork(vsh, cmd);
    const xml = await vsh.connection.call((d) =>
      d.networks.xml(d.networks.list.byName(name), cmd.has('inactive')),
    );
    await vsh.print(xml);
    return true;
  },
};

const uuid: CommandDef = {
  name: 'net-uuid',
  options: [networkOption('network name')],
  async run(vsh, cmd) {
    const word = cmd.value('network') ?? '';
    const found = await vsh.explain(
      `failed to get network '${word}'`,
      vsh.connection.call((d) => findNetwork(d, word, 'name').def.uuid),
    );
    await vsh.print(`${found}\n`);
    return true;
  },
};

const nameOf: CommandDef = {
  name: 'net-name',
  options: [networkOption('network uuid')],
  async run(vsh, cmd) {
    const word = cmd.value('network') ?? '';
    const found = await vsh.connection.call((d) =>
      d.networks.list.all().find((n) => n.def.uuid === word.toLowerCase()),
    );
    if (found === undefined) await vsh.error(`failed to get network '${word}'`);
    else await vsh.print(`${found.def.name}\n`);
    return found !== undefined;
  },
};

/** Commands that tell of networks. */
export const showCommands: readonly CommandDef[] = [dumpxml, info, list, nameOf, uuid];
