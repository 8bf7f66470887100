import { formatDate } from '../../../coreutils/index.ts';
import type { CommandDef } from '../command.ts';
import { formatTable } from '../table.ts';
import { networkOption, theNetwork } from './network-option.ts';

/** `net-dhcp-leases` */
export const leasesCommand: CommandDef = {
  name: 'net-dhcp-leases',
  description: 'Print lease info for a given network',
  options: [networkOption(), { name: 'mac', type: 'string', help: 'MAC address' }],
  async run(vsh, cmd) {
    const name = await theNetwork(vsh, cmd);
    const leases = await vsh.explain(
      `Failed to get leases info for ${cmd.value('network')}`,
      vsh.connection.call((d) => d.networks.leases(d.networks.list.byName(name), cmd.value('mac'))),
    );
    const rows = leases
      .sort((a, b) => compare(a.mac.toLowerCase(), b.mac.toLowerCase()))
      .map((l) => [
        formatDate('%Y-%m-%d %H:%M:%S', l.expiry),
        l.mac,
        l.family,
        `${l.address}/${l.prefix}`,
        l.hostname ?? '-',
        l.clientId ?? '-',
      ]);
    const header = [
      'Expiry Time',
      'MAC address',
      'Protocol',
      'IP address',
      'Hostname',
      'Client ID or DUID',
    ];
    await vsh.print(formatTable(header, rows, !vsh.settings.quiet));
    return true;
  },
};

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
