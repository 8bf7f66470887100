import type { Ipv4Addr } from '@labwire/core/addr';
import { inetAton } from '../../../libc-net/index.ts';
import type { Process } from '../../../machine/index.ts';
import type { UserConfig } from './config.ts';

/** 127.0.0.1 */
export const LOOPBACK: Ipv4Addr = 0x7f_00_00_01 as Ipv4Addr;

/** Whom the host reaches in place of an address of the guest's network. slirp sotranslate_out() @returns undefined if there is nobody */
export function translateOut(
  config: UserConfig,
  proc: Process,
  addr: Ipv4Addr,
): Ipv4Addr | undefined {
  if (addr === config.dns) return nameServer(proc);
  return addr === config.host ? LOOPBACK : addr;
}

/** Whom the guest sees where something comes from an address of the host's. sotranslate_in(), sotranslate_accept() */
export function translateIn(config: UserConfig, addr: Ipv4Addr): Ipv4Addr {
  return addr >>> 24 === 127 || addr === 0 ? config.host : addr;
}

/** The first name server of the host's. get_dns_addr() */
function nameServer({ fs }: Process): Ipv4Addr | undefined {
  if (!fs.exists('/etc/resolv.conf')) return undefined;
  for (const line of fs.readText('/etc/resolv.conf').split('\n')) {
    const [word, address = ''] = line.trim().split(/\s+/);
    const addr = word === 'nameserver' ? inetAton(address) : undefined;
    if (addr !== undefined) return addr as Ipv4Addr;
  }
  return undefined;
}
