import { LibvirtError } from '../../base/index.ts';
import type { Libvirtd } from '../../daemon/index.ts';
import type { Network } from '../../network/index.ts';
import type { CommandDef, OptionDef } from '../command.ts';
import { readFileOf } from '../read-file.ts';
import type { Vsh } from '../vsh.ts';
import { networkOption, requiredWord, theNetwork } from './network-option.ts';

/** A command that does one thing to one network. */
function simple(init: {
  readonly name: string;
  readonly description: string;
  readonly api: string;
  readonly failed: string;
  readonly done: string;
  readonly act: (daemon: Libvirtd, network: Network) => Promise<void> | void;
}): CommandDef {
  return {
    name: init.name,
    description: init.description,
    options: [networkOption()],
    async run(vsh, cmd) {
      const name = await theNetwork(vsh, cmd);
      const word = cmd.value('network') ?? name;
      await vsh.explain(
        init.failed.replace('%s', () => word),
        vsh.connection.change(init.api, (d) => init.act(d, d.networks.list.byName(name))),
      );
      await vsh.printExtra(`${init.done.replace('%s', () => word)}\n`);
      return true;
    },
  };
}

const start: CommandDef = simple({
  name: 'net-start',
  description: 'Start a network.',
  api: 'virNetworkCreate',
  failed: 'Failed to start network %s',
  done: 'Network %s started',
  act: (daemon, network) => daemon.networks.startNetwork(network),
});

const destroy: CommandDef = simple({
  name: 'net-destroy',
  description: 'Forcefully stop a given network.',
  api: 'virNetworkDestroy',
  failed: 'Failed to destroy network %s',
  done: 'Network %s destroyed',
  act: (daemon, network) => daemon.networks.destroy(network),
});

const undefine: CommandDef = simple({
  name: 'net-undefine',
  description: 'Undefine the configuration for a persistent network.',
  api: 'virNetworkUndefine',
  failed: 'Failed to undefine network %s',
  done: 'Network %s has been undefined',
  act: (daemon, network) => daemon.networks.undefine(network),
});

const autostart: CommandDef = {
  name: 'net-autostart',
  description: 'Configure a network to be automatically started at boot.',
  options: [networkOption(), { name: 'disable', type: 'bool', help: 'disable autostarting' }],
  async run(vsh, cmd) {
    const name = await theNetwork(vsh, cmd);
    const word = cmd.value('network') ?? name;
    const on = !cmd.has('disable');
    const what = on ? 'mark' : 'unmark';
    await vsh.explain(
      `failed to ${what} network ${word} as autostarted`,
      vsh.connection.change('virNetworkSetAutostart', (d) =>
        d.networks.setAutostart(d.networks.list.byName(name), on),
      ),
    );
    await vsh.printExtra(`Network ${word} ${what}ed as autostarted\n`);
    return true;
  },
};

const FROM_FILE: readonly OptionDef[] = [
  { name: 'file', type: 'data', help: 'file containing an XML network description' },
  { name: 'validate', type: 'bool', help: 'validate the XML against the schema' },
];

/** A command that takes a network's XML from a file. */
function fromFile(init: {
  readonly name: string;
  readonly description: string;
  readonly api: string;
  readonly verb: string;
  readonly past: string;
  readonly act: (daemon: Libvirtd, xml: string) => Promise<string> | string;
}): CommandDef {
  return {
    name: init.name,
    description: init.description,
    options: FROM_FILE,
    async run(vsh: Vsh, cmd) {
      const file = await requiredWord(vsh, cmd, 'file');
      if (file === undefined) return false;
      const xml = await readFileOf(vsh, file);
      if (cmd.has('validate'))
        throw new LibvirtError(
          'argument-unsupported',
          'Labwire has no schema to validate against (--validate)',
        );
      const name = await vsh.explain(
        `Failed to ${init.verb} network from ${file}`,
        vsh.connection.change(init.api, (daemon) => init.act(daemon, xml)),
      );
      await vsh.printExtra(`Network ${name} ${init.past} from ${file}\n`);
      return true;
    },
  };
}

const define: CommandDef = fromFile({
  name: 'net-define',
  description: 'Define or modify a persistent virtual network.',
  api: 'virNetworkDefineXML',
  verb: 'define',
  past: 'defined',
  act: (daemon, xml) => daemon.networks.define(xml),
});

const create: CommandDef = fromFile({
  name: 'net-create',
  description: 'Create a network.',
  api: 'virNetworkCreateXML',
  verb: 'create',
  past: 'created',
  act: (daemon, xml) => daemon.networks.create(xml),
});

/** Commands that make, start, stop and forget networks. */
export const lifecycleCommands: readonly CommandDef[] = [
  autostart,
  create,
  define,
  destroy,
  start,
  undefine,
];
