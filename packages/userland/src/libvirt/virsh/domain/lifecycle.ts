import { LibvirtError } from '../../base/index.ts';
import type { Libvirtd } from '../../daemon/index.ts';
import type { Domain } from '../../domain/index.ts';
import type { CommandDef, OptionDef } from '../command.ts';
import { readFileOf } from '../read-file.ts';
import { runConsole } from './console.ts';
import { askDomain, domainOption, flag } from './domain-option.ts';

/** A command that does one thing to one domain. */
function simple(init: {
  readonly name: string;
  readonly description: string;
  readonly options?: readonly OptionDef[];
  readonly api: string;
  readonly verb: string;
  readonly done: string;
  readonly act: (daemon: Libvirtd, domain: Domain) => Promise<void> | void;
}): CommandDef {
  return {
    name: init.name,
    description: init.description,
    options: [domainOption(), ...(init.options ?? [])],
    async run(vsh, cmd) {
      const { name, uuid } = await askDomain(vsh, cmd, (d) => ({ name: d.name, uuid: d.uuid }));
      await vsh.explain(
        `Failed to ${init.verb} domain '${name}'`,
        vsh.connection.change(init.api, (d) => init.act(d, d.domains.find(uuid))),
      );
      await vsh.printExtra(`Domain '${name}' ${init.done}\n`);
      return true;
    },
  };
}

const MODE: OptionDef = {
  name: 'mode',
  type: 'string',
  help: 'shutdown mode: acpi|agent|initctl|signal|paravirt',
};

const shutdown: CommandDef = simple({
  name: 'shutdown',
  description: 'Run shutdown in the target domain.',
  options: [MODE],
  api: 'virDomainShutdown',
  verb: 'shutdown',
  done: 'is being shutdown',
  act: (daemon, domain) => daemon.domains.shutdown(domain),
});

const reboot: CommandDef = simple({
  name: 'reboot',
  description: 'Run a reboot command in the target domain.',
  options: [MODE],
  api: 'virDomainReboot',
  verb: 'reboot',
  done: 'is being rebooted',
  act: (daemon, domain) => daemon.domains.reboot(domain),
});

const reset: CommandDef = simple({
  name: 'reset',
  description: 'Reset the target domain as if by power button',
  api: 'virDomainReset',
  verb: 'reset',
  done: 'was reset',
  act: (daemon, domain) => daemon.domains.reset(domain),
});

const destroy: CommandDef = simple({
  name: 'destroy',
  description: 'Forcefully stop a given domain, but leave its resources intact.',
  options: [flag('graceful', 'terminate gracefully'), flag('remove-logs', 'remove domain logs')],
  api: 'virDomainDestroy',
  verb: 'destroy',
  done: 'destroyed',
  act: (daemon, domain) => daemon.domains.destroy(domain),
});

const suspend: CommandDef = simple({
  name: 'suspend',
  description: 'Suspend a running domain.',
  api: 'virDomainSuspend',
  verb: 'suspend',
  done: 'suspended',
  act: (daemon, domain) => daemon.domains.suspend(domain),
});

const resume: CommandDef = simple({
  name: 'resume',
  description: 'Resume a previously suspended domain.',
  api: 'virDomainResume',
  verb: 'resume',
  done: 'resumed',
  act: (daemon, domain) => daemon.domains.resume(domain),
});

const undefine: CommandDef = {
  ...simple({
    name: 'undefine',
    description: 'Undefine an inactive domain, or convert persistent to transient.',
    options: [
      flag('managed-save', 'remove domain managed state file'),
      flag('snapshots-metadata', 'remove all domain snapshot metadata (vm must be inactive)'),
      flag('checkpoints-metadata', 'remove all domain checkpoint metadata (vm must be inactive)'),
      flag('nvram', 'remove nvram file'),
      flag('keep-nvram', 'keep nvram file'),
      flag('tpm', 'remove TPM state'),
      flag('keep-tpm', 'keep TPM state'),
    ],
    api: 'virDomainUndefine',
    verb: 'undefine',
    done: 'has been undefined',
    act: (daemon, domain) => daemon.domains.undefine(domain),
  }),
};

const CONSOLE: OptionDef = flag('console', 'attach to console after creation');

const start: CommandDef = {
  name: 'start',
  description:
    'Start a domain, either from the last managedsave\n    state, or via a fresh boot if no managedsave state\n    is present.',
  options: [
    domainOption('name of the inactive domain'),
    CONSOLE,
    flag('paused', 'leave the guest paused after creation'),
    flag('bypass-cache', 'avoid file system cache when loading'),
    flag('force-boot', 'force fresh boot by discarding any managed save'),
    flag('reset-nvram', 're-initialize NVRAM from its pristine template'),
  ],
  async run(vsh, cmd) {
    const { name, uuid, active } = await askDomain(vsh, cmd, (d) => ({
      name: d.name,
      uuid: d.uuid,
      active: d.active,
    }));
    if (active) {
      await vsh.error('Domain is already active');
      return false;
    }
    await vsh.explain(
      `Failed to start domain '${name}'`,
      vsh.connection.change('virDomainCreate', async (d) => {
        await d.domains.startDomain(d.domains.find(uuid));
        if (cmd.has('paused')) d.domains.suspend(d.domains.find(uuid));
      }),
    );
    await vsh.printExtra(`Domain '${name}' started\n`);
    return cmd.has('console') ? runConsole(vsh, uuid, { force: false }) : true;
  },
};

const autostart: CommandDef = {
  name: 'autostart',
  description: 'Configure a domain to be automatically started at boot.',
  options: [domainOption(), flag('disable', 'disable autostarting')],
  async run(vsh, cmd) {
    const { name, uuid } = await askDomain(vsh, cmd, (d) => ({ name: d.name, uuid: d.uuid }));
    const on = !cmd.has('disable');
    const what = on ? 'mark' : 'unmark';
    await vsh.explain(
      `Failed to ${what} domain '${name}' as autostarted`,
      vsh.connection.change('virDomainSetAutostart', (d) =>
        d.domains.setAutostart(d.domains.find(uuid), on),
      ),
    );
    await vsh.printExtra(`Domain '${name}' ${what}ed as autostarted\n`);
    return true;
  },
};

const rename: CommandDef = {
  name: 'domrename',
  description: 'Rename an inactive domain.',
  options: [
    domainOption('domain name or uuid'),
    { name: 'new-name', type: 'data', help: 'new domain name' },
  ],
  async run(vsh, cmd) {
    const uuid = await askDomain(vsh, cmd, (d) => d.uuid);
    const name = cmd.value('new-name') ?? '';
    await vsh.connection.change('virDomainRename', (d) =>
      d.domains.rename(d.domains.find(uuid), name),
    );
    await vsh.printExtra('Domain successfully renamed\n');
    return true;
  },
};

/** A command that takes a domain's XML from a file. */
function fromFile(init: {
  readonly name: string;
  readonly description: string;
  readonly options?: readonly OptionDef[];
  readonly api: string;
  readonly past: string;
  readonly act: (daemon: Libvirtd, xml: string) => Promise<string> | string;
}): CommandDef {
  return {
    name: init.name,
    description: init.description,
    options: [
      { name: 'file', type: 'data', help: 'file containing an XML domain description' },
      flag('validate', 'validate the XML against the schema'),
      ...(init.options ?? []),
    ],
    async run(vsh, cmd) {
      const file = cmd.value('file') ?? '';
      const xml = await readFileOf(vsh, file);
      if (cmd.has('validate'))
        throw new LibvirtError(
          'argument-unsupported',
          'Labwire has no schema to validate against (--validate)',
        );
      const name = await vsh.explain(
        `Failed to ${init.name} domain from ${file}`,
        vsh.connection.change(init.api, (daemon) => init.act(daemon, xml)),
      );
      if (cmd.has('paused'))
        await vsh.connection.call((d) => d.domains.suspend(d.domains.find(name)));
      await vsh.printExtra(`Domain '${name}' ${init.past} from ${file}\n`);
      if (!cmd.has('console')) return true;
      const uuid = await vsh.connection.call((d) => d.domains.find(name).uuid);
      return runConsole(vsh, uuid, { force: false });
    },
  };
}

const define: CommandDef = fromFile({
  name: 'define',
  description: 'Define a domain.',
  api: 'virDomainDefineXML',
  past: 'defined',
  act: (daemon, xml) => daemon.domains.define(xml),
});

const create: CommandDef = fromFile({
  name: 'create',
  description: 'Create a domain.',
  options: [CONSOLE, flag('paused', 'leave the guest paused after creation')],
  api: 'virDomainCreateXML',
  past: 'created',
  act: (daemon, xml) => daemon.domains.create(xml),
});

/** Commands that make, start, stop and forget domains. */
export const lifecycleCommands: readonly CommandDef[] = [
  autostart,
  create,
  define,
  destroy,
  reboot,
  rename,
  reset,
  resume,
  shutdown,
  start,
  suspend,
  undefine,
];
