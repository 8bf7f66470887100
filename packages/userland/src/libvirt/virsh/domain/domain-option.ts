import type { Libvirtd } from '../../daemon/index.ts';
import type { Domain, NamedBy } from '../../domain/index.ts';
import type { CommandDef, OptionDef, ParsedCommand } from '../command.ts';
import type { Vsh } from '../vsh.ts';

/** The option that names a domain. VIRSH_COMMON_OPT_DOMAIN */
export function domainOption(help = 'domain name, id or uuid'): OptionDef {
  return { name: 'domain', type: 'data', help };
}

/** An option without a value. */
export function flag(name: string, help: string): OptionDef {
  return { name, type: 'bool', help };
}

/** What a command tells of its domain, which must be there. @returns its name @throws LibvirtError */
export async function theDomain(vsh: Vsh, cmd: ParsedCommand): Promise<string> {
  return askDomain(vsh, cmd, (domain) => domain.name);
}

/** Asks the daemon something about a command's domain. Its failure is explained as virsh does. @throws LibvirtError */
export async function askDomain<T>(
  vsh: Vsh,
  cmd: ParsedCommand,
  ask: (domain: Domain, daemon: Libvirtd) => T | Promise<T>,
  by?: readonly NamedBy[],
): Promise<T> {
  const word = cmd.value('domain') ?? '';
  const uuid = await vsh.connection.call((daemon) => daemon.domains.search(word, by)?.uuid);
  if (uuid === undefined) throw new NoDomain(word);
  return vsh.connection.call((daemon) => ask(daemon.domains.find(uuid), daemon));
}

/** No domain has this name: virsh says so itself, and not what libvirt told it. */
export class NoDomain extends Error {
  constructor(word: string) {
    super(`failed to get domain '${word}'`);
  }
}

/** Says of a command that there is no such domain where that is why it fails. */
export function withDomain(def: CommandDef): CommandDef {
  return {
    ...def,
    run: async (vsh, cmd) => {
      try {
        return await def.run(vsh, cmd);
      } catch (e) {
        if (!(e instanceof NoDomain)) throw e;
        await vsh.error(e.message);
        return false;
      }
    },
  };
}
