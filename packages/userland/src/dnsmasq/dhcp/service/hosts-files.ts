import { formatIpv4, type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import type { DhcpHost } from '../../config/index.ts';
import type { Daemon } from '../../daemon.ts';
import {
  canonicalise,
  ethersHost,
  isHostname,
  isPlainName,
  parseHex,
} from '../../options/index.ts';
import { hostHasMac } from '../match/index.ts';

const ETHERS_FILE = '/etc/ethers';
const ARPHRD_ETHER = 1;
const ETH_ALEN = 6;

/** Reads --dhcp-hostsfile, --dhcp-optsfile and their directories anew. dnsmasq src/option.c, reread_dhcp() */
export async function rereadFiles(daemon: Daemon): Promise<void> {
  const { dhcp } = daemon.config;
  dhcp.hosts = dhcp.hosts.filter((h) => h.origin !== 'file');
  dhcp.options = dhcp.options.filter((o) => !o.fromFile);
  dhcp.options6 = dhcp.options6.filter((o) => !o.fromFile);
  await readAll(daemon, [...dhcp.hostsFiles, ...dhcp.hostsDirs], 'bank-host');
  await readAll(daemon, [...dhcp.optsFiles, ...dhcp.optsDirs], 'bank-option');
}

async function readAll(daemon: Daemon, paths: readonly string[], key: string): Promise<void> {
  for (const path of paths)
    for (const file of filesOf(daemon, path)) {
      try {
        await daemon.reader.again(file, { key }, (text) => daemon.log.error(text));
        daemon.log.info(`read ${file}`, 'dhcp');
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        daemon.log.error(`cannot read ${file}: ${strerror(e.errno)}`);
      }
    }
}

/** A file, or the files of a directory. */
function filesOf({ proc }: Daemon, path: string): readonly string[] {
  const full = proc.path(path);
  if (!proc.fs.exists(full) || proc.fs.stat(full).type !== 'dir') return [path];
  const names = proc.fs.readdir(full).filter(isPlainName);
  return names.map((n) => `${path}/${n}`).filter((f) => proc.fs.stat(proc.path(f)).type === 'file');
}

/** /etc/ethers: --read-ethers. dnsmasq src/dhcp.c, dhcp_read_ethers() */
export function readEthers(daemon: Daemon): void {
  const { proc, log, config } = daemon;
  let text: string;
  try {
    text = proc.fs.readText(ETHERS_FILE);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    log.error(`failed to read ${ETHERS_FILE}: ${strerror(e.errno)}`, 'dhcp');
    return;
  }
  config.dhcp.hosts = config.dhcp.hosts.filter((h) => h.origin !== 'ethers');
  let count = 0;
  for (const [i, line] of text.split('\n').entries()) {
    const trimmed = line.trimEnd();
    if (trimmed === '' || /^[#+]/.test(trimmed)) continue;
    const error = takeEthers(config.dhcp, trimmed);
    if (error === undefined) count++;
    else log.error(error.replace('%', `${ETHERS_FILE} line ${i + 1}`), 'dhcp');
  }
  log.info(`read ${ETHERS_FILE} - ${count} addresses`, 'dhcp');
}

/** @returns what is wrong with the line, `%` for where it is */
function takeEthers(dhcp: Daemon['config']['dhcp'], line: string): string | undefined {
  const m = /^(\S+)\s+(\S.*)$/.exec(line);
  const mac = m === null ? undefined : parseHex(m[1] as string, ETH_ALEN, false);
  if (m === null || mac?.bytes.length !== ETH_ALEN) return 'bad line at %';
  const word = m[2] as string;
  const dotted = /^[\d.]+$/.test(word);
  const addr = dotted ? parseIpv4(word) : undefined;
  if (dotted && addr === undefined) return 'bad address at %';
  const name = dotted ? undefined : canonicalise(word);
  if (!dotted && (name === undefined || !isHostname(name))) return 'bad name at %';
  const host = hostForEthers(dhcp, mac.bytes, addr, name);
  if (host === undefined) return 'ignoring %, duplicate name or IP address';
  host.addr = addr ?? host.addr;
  host.hostname = name ?? host.hostname;
  host.ignoreClientId = true;
  host.hardware = [{ type: ARPHRD_ETHER, bytes: mac.bytes, wildcards: 0 }];
  return undefined;
}

/** The host that a line is about: one of that address or name, else one of that MAC, else a new one. */
function hostForEthers(
  dhcp: Daemon['config']['dhcp'],
  mac: Uint8Array,
  addr: Ipv4Addr | undefined,
  name: string | undefined,
): DhcpHost | undefined {
  const same = dhcp.hosts.find((h) =>
    addr === undefined ? h.hostname?.toLowerCase() === name?.toLowerCase() : h.addr === addr,
  );
  if (same !== undefined) return same.origin === 'ethers' ? undefined : same;
  const byMac = dhcp.hosts.find((h) => h.hardware.length === 1 && hostHasMac(h, mac, ARPHRD_ETHER));
  if (byMac !== undefined) return byMac;
  const made = ethersHost({ type: ARPHRD_ETHER, bytes: mac, wildcards: 0 });
  dhcp.hosts.unshift(made);
  return made;
}

/** Gives hosts that are named but have no address those of the hosts files. dnsmasq src/dhcp-common.c, dhcp_update_configs() */
export function updateHosts({ config, names, log }: Daemon): void {
  const { hosts } = config.dhcp;
  for (const host of hosts) {
    if (!host.addrFromHosts) continue;
    host.addr = undefined;
    host.addrFromHosts = false;
  }
  if (names === undefined) return;
  for (const host of hosts) {
    if (host.addr !== undefined || host.hostname === undefined) continue;
    const addr = names.addressOf(host.hostname);
    if (typeof addr !== 'number') continue;
    if (hosts.some((h) => h !== host && h.addr === addr)) {
      const text = `duplicate IP address ${formatIpv4(addr)} (${host.hostname})`;
      log.warning(`${text} in dhcp-config directive`, 'dhcp');
      continue;
    }
    host.addr = addr;
    host.addrFromHosts = true;
  }
}
