import type { RowResult } from '../conformance-set.ts';
import { LibvirtHost, networkName, quoted } from './libvirt-host.ts';
import type { StartedNetwork, StartRow } from './rows.ts';
import { verdict } from './verdict.ts';

/** A dump of rules without what counts and dates. */
function savedRules(text: string): string {
  return text
    .split('\n')
    .filter((l) => l !== '' && !l.startsWith('#'))
    .join('\n');
}

/** Words of an address or route that depend on when one looks. */
function steady(lines: readonly string[] | null | undefined): string {
  return (lines ?? [])
    .map((l) =>
      l
        .replace(/ (linkdown|tentative|dadfailed)\b/g, '')
        .replace(/[\s\\]+/g, ' ')
        .trim(),
    )
    .filter((l) => !l.includes(' fe80::'))
    .join('\n');
}

/** What one looks at, as a text. */
function told(net: StartedNetwork): string {
  const parts = [
    ['error', net.error ?? ''],
    ['conf', net.conf ?? ''],
    ['hostsfile', net.hostsfile ?? ''],
    ['addnhosts', net.addnhosts ?? ''],
    ['iptables', savedRules(net.iptables_save ?? '')],
    ['ip6tables', savedRules(net.ip6tables_save ?? '')],
    ['dnsmasq', (net.dnsmasq_argv ?? []).join('\n')],
    ['addr', steady(net.addr)],
    ['route', steady(net.route)],
    ['link', JSON.stringify(net.link ?? null)],
  ];
  return parts.map(([what, text]) => `[${what}]\n${text}`).join('\n');
}

/** Starts a network and compares its files, rules, device, addresses and routes with the real daemon's. */
export async function playStart(row: StartRow): Promise<RowResult> {
  const host = await LibvirtHost.start();
  const defined = await host.define(row.xml);
  const name = networkName(row.xml);
  const ran = await host.shell(`virsh net-start ${quoted(name)}`);
  const started = ran.code === 0;
  const error = `${defined.err}${ran.err}`.split('\n').filter((l) => l !== '');
  const conf = host.read(`/var/lib/libvirt/dnsmasq/${name}.conf`);
  const named = (option: string) => {
    const path = new RegExp(`^${option}=(.*)$`, 'm').exec(conf ?? '')?.[1];
    return path === undefined ? null : host.read(path);
  };
  const files = { conf, hostsfile: named('dhcp-hostsfile'), addnhosts: named('addn-hosts') };
  const state = started ? await observe(host, row) : {};
  const failed = started ? {} : { error: error.join(' | ') };
  const got = told({ started, ...files, ...failed, ...state });
  return verdict(row, got, told(row.real), error.join('\n'));
}

async function observe(host: LibvirtHost, row: StartRow): Promise<Partial<StartedNetwork>> {
  const out = async (line: string) => (await host.shell(line)).out;
  const lines = async (line: string) => (await out(line)).split('\n').filter((l) => l !== '');
  const bridge = /\bbridge name=['"]([^'"]*)/.exec(row.xml)?.[1];
  const shown = {
    iptables_save: await out('iptables-save'),
    ip6tables_save: await out('ip6tables-save'),
    dnsmasq_argv: await dnsmasqCommands(lines),
  };
  if (bridge === undefined || row.real.link === null || row.real.link === undefined)
    return { ...shown, ...(row.real.addr ? { addr: [], route: [] } : {}) };
  const number = async (file: string) => Number(await out(`cat /sys/class/net/${bridge}/${file}`));
  return {
    ...shown,
    addr: (await lines(`ip -o addr show dev ${bridge}`)).map((l) => l.replace(/^\d+:\s+/, '')),
    route: await lines(`ip route | grep 'dev ${bridge} '`),
    link: {
      mtu: await number('mtu'),
      stp_state: await number('bridge/stp_state'),
      forward_delay: await number('bridge/forward_delay'),
    },
  };
}

/** Each daemon once: dnsmasq has a helper of the same name. The rows have an empty line for none. */
async function dnsmasqCommands(lines: (line: string) => Promise<string[]>): Promise<string[]> {
  const commands = (await lines('ps -eo args')).filter((l) => l.startsWith('/usr/sbin/dnsmasq'));
  return commands.length === 0 ? [''] : [...new Set(commands)];
}
