import type { Context } from '../context/index.ts';
import { Exit, matches, unsupported } from '../parse/index.ts';
import { VLAN_USAGE } from './usage.ts';

/** Width of the first column: the longest name of a device and the widest head. */
const NAME_WIDTH = 18;

/** `bridge vlan show`: no bridge here filters VLANs, so there is a head and nothing below. Source: iproute2 bridge/vlan.c, vlan_show(). */
function show({ printer }: Context): number {
  printer.begin();
  printer.text(`${'port'.padEnd(NAME_WIDTH)}vlan-id  \n`);
  printer.end();
  return 0;
}

/** `bridge vlan …` */
export function bridgeVlan(ctx: Context, words: readonly string[]): number {
  const [command] = words;
  if (command === undefined || ['show', 'lst', 'list'].some((name) => matches(command, name)))
    return show(ctx);
  if (['add', 'delete', 'set', 'tunnelshow', 'global'].some((name) => matches(command, name)))
    throw unsupported(`bridge vlan ${command}`, 'bridge vlan show');
  if (matches(command, 'help')) throw new Exit(255, VLAN_USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "bridge vlan help".\n`);
}
