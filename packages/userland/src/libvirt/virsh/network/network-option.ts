import { LibvirtError, parseUuid } from '../../base/index.ts';
import type { Libvirtd } from '../../daemon/index.ts';
import type { Network } from '../../network/index.ts';
import type { OptionDef, ParsedCommand } from '../command.ts';
import type { Vsh } from '../vsh.ts';

/** A UUID with its hyphens has this many characters. */
const UUID_LENGTH = 36;

/** The option that names a network. VIRSH_COMMON_OPT_NETWORK */
export function networkOption(help = 'network name or uuid'): OptionDef {
  return { name: 'network', type: 'data', help };
}

/** How a word may name a network. */
export type NamedBy = 'name' | 'uuid' | 'either';

/** The network that a word names. virshCommandOptNetworkBy() @throws LibvirtError */
export function findNetwork(daemon: Libvirtd, word: string, by: NamedBy): Network {
  const { list } = daemon.networks;
  if (by !== 'name' && word.length === UUID_LENGTH) {
    const uuid = parseUuid(word);
    const network = list.all().find((n) => n.def.uuid === uuid);
    if (network !== undefined) return network;
  }
  if (by === 'uuid') throw new LibvirtError('plain', '');
  return list.byName(word);
}

/** A command's network. Its failure is explained as virsh does. @returns its name @throws LibvirtError */
export async function theNetwork(vsh: Vsh, cmd: ParsedCommand): Promise<string> {
  const word = cmd.value('network') ?? '';
  return vsh.explain(
    `failed to get network '${word}'`,
    vsh.connection.call((daemon) => findNetwork(daemon, word, 'either').def.name),
  );
}

/** A word that an option must have. vshCommandOptStringReq() @returns undefined if it is empty, which has been said */
export async function requiredWord(
  vsh: Vsh,
  cmd: ParsedCommand,
  name: string,
): Promise<string | undefined> {
  const word = cmd.value(name) ?? '';
  if (word !== '') return word;
  await vsh.error(`Failed to get option '${name}': Option argument is empty`);
  return undefined;
}
