import type { CommandDef } from '../command.ts';
import { editXml } from '../edit.ts';
import { askDomain, domainOption, flag, theDomain } from './domain-option.ts';

/** `edit`. libvirt tools/virsh-domain.c, cmdEdit() */
export const edit: CommandDef = {
  name: 'edit',
  description: 'Edit the XML configuration for a domain.',
  options: [domainOption(), flag('skip-validate', 'skip validation of the XML against the schema')],
  async run(vsh, cmd) {
    const name = await theDomain(vsh, cmd);
    let edited: string | undefined;
    const outcome = await editXml(vsh, {
      read: () => askDomain(vsh, cmd, (domain, daemon) => daemon.domains.xml(domain, true)),
      define: async (xml) => {
        edited = await vsh.connection.change('virDomainDefineXMLFlags', (d) =>
          d.domains.define(xml),
        );
      },
    });
    if (outcome === 'cancelled') return false;
    await vsh.printExtra(
      outcome === 'unchanged'
        ? `Domain '${name}' XML configuration not changed.\n`
        : `Domain '${edited ?? '(null)'}' XML configuration edited.\n`,
    );
    return true;
  },
};
