import { LibvirtError } from '../../base/index.ts';
import type { NetworkPort } from '../../network/index.ts';
import type { CommandDef } from '../command.ts';
import { formatTable } from '../table.ts';
import type { Vsh } from '../vsh.ts';
import { networkOption, theNetwork } from './network-option.ts';

/** Who uses a network, in order of their UUIDs. */
async function portsOf(vsh: Vsh, name: string): Promise<NetworkPort[]> {
  const ports = await vsh.connection.call((d) => {
    const network = d.networks.list.byName(name);
    if (!network.active)
      throw new LibvirtError('operation-invalid', `network '${name}' is not active`);
    return [...network.ports.values()];
  });
  return ports.sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
}

const list: CommandDef = {
  name: 'net-port-list',
  description: 'Returns list of network ports.',
  options: [
    networkOption(),
    { name: 'uuid', type: 'bool', help: "list uuid's only" },
    { name: 'table', type: 'bool', help: 'list table (default)' },
  ],
  async run(vsh, cmd) {
    if (cmd.has('uuid') && cmd.has('table')) {
      await vsh.error('Only one argument from --table and --uuid may be specified.');
      return false;
    }
    const uuids = (await portsOf(vsh, await theNetwork(vsh, cmd))).map((p) => p.uuid);
    await vsh.print(
      cmd.has('uuid')
        ? uuids.map((u) => `${u}\n`).join('')
        : formatTable(
            ['UUID'],
            uuids.map((u) => [u]),
            !vsh.settings.quiet,
          ),
    );
    return true;
  },
};

const dumpxml: CommandDef = {
  name: 'net-port-dumpxml',
  description: 'Output the network port information as an XML dump to stdout.',
  options: [
    networkOption(),
    { name: 'port', type: 'data', help: 'port UUID' },
    {
      name: 'xpath',
      type: 'string',
      named: true,
      help: 'xpath expression to filter the XML document',
    },
    { name: 'wrap', type: 'bool', help: 'wrap xpath results in an common root element' },
  ],
  async run(vsh, cmd) {
    if (cmd.has('xpath') || cmd.has('wrap'))
      throw new LibvirtError('argument-unsupported', 'Labwire has no XPath (--xpath, --wrap)');
    const ports = await portsOf(vsh, await theNetwork(vsh, cmd));
    const uuid = cmd.value('port')?.toLowerCase();
    const port = ports.find((p) => p.uuid === uuid);
    if (port === undefined) await vsh.error(`failed to get network port '${cmd.value('port')}'`);
    else await vsh.print(port.xml);
    return port !== undefined;
  },
};

/** Commands that tell who uses a network. Ports come with guests: none is made or deleted by hand. */
export const portCommands: readonly CommandDef[] = [dumpxml, list];
