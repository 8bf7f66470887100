import type { CommandDef } from '../command.ts';
import { editXml } from '../edit.ts';
import { networkOption, theNetwork } from './network-option.ts';

/** `net-edit` */
export const editCommand: CommandDef = {
  name: 'net-edit',
  description: 'Edit the XML configuration for a network.',
  options: [networkOption()],
  async run(vsh, cmd) {
    const name = await theNetwork(vsh, cmd);
    let edited: string | undefined;
    const outcome = await editXml(vsh, {
      read: () => vsh.connection.call((d) => d.networks.xml(d.networks.list.byName(name), true)),
      define: async (xml) => {
        edited = await vsh.connection.change('virNetworkDefineXML', (d) => d.networks.define(xml));
      },
    });
    if (outcome === 'cancelled') return false;
    await vsh.printExtra(
      outcome === 'unchanged'
        ? `Network ${name} XML configuration not changed.\n`
        : `Network ${edited ?? '(null)'} XML configuration edited.\n`,
    );
    return true;
  },
};
