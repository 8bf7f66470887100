/** Where everybody stands: hosts inside, the router that translates, hosts outside. */
import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';

/** The machines of every scenario. `nat` is the router; `inside` and `outside` have the addresses of all hosts there. */
export type Machine = 'inside' | 'nat' | 'outside';

/** The networks of a scenario. */
export interface Topology {
  /** Hosts inside: the second and later addresses of their network. */
  readonly hosts: readonly Ipv4Addr[];
  /** The router's address inside. */
  readonly gateway: Ipv4Addr;
  readonly insidePlen: number;
  /** The router's addresses outside, the first is the main one. */
  readonly outer: readonly Ipv4Addr[];
  readonly outerPlen: number;
  /** Hosts outside; the first is the router's default gateway, and those of other networks are behind it. */
  readonly servers: readonly Ipv4Addr[];
  /** Bytes of an IP packet on the cable outside. */
  readonly wanMtu: number;
  /** The router's devices. Default: `lan` and `wan`. */
  readonly lan?: string;
  readonly wan?: string;
}

/** What else the machines are given. */
export interface Furnishing {
  /** iptables-save text for the router; undefined: no rules, the router is QEMU's user mode. */
  readonly rules: string | undefined;
  readonly sysctl: Readonly<Record<string, string | number>>;
  /** Commands typed at the router after its rules are in place. */
  readonly router: readonly string[];
  /** `seed` of the run. */
  readonly seed: number;
}

/** Where a router's rules are. */
export const RULES_FILE = '/etc/iptables/rules.v4';

/** Hosts of scenarios only watch and send what they are told to: their own kernels say nothing. */
const SILENT = 'iptables -t raw -A PREROUTING ! -i lo -j DROP';

/** What makes a machine the router of QEMU's user mode: a guest's cable, and the emulator behind it. */
export const USER_MODE: readonly string[] = [
  'ip link add br0 type bridge',
  'ip tuntap add tap0 mode tap',
  'ip link set tap0 master br0',
  'ip link set lan master br0',
  'ip link set br0 up',
  'ip link set tap0 up',
  'qemu-system-x86_64 -M none -display none -netdev user,id=u -netdev hubport,id=p0,hubid=0,netdev=u' +
    ' -netdev tap,id=t,ifname=tap0,script=no,downscript=no -netdev hubport,id=p1,hubid=0,netdev=t > qemu.log 2>&1 &',
  'sleep 2',
];

/** The front matter of a scenario, without its `---` lines. */
export function frontMatter(t: Topology, f: Furnishing): string {
  const isUserMode = f.rules === undefined;
  const list = (addrs: readonly Ipv4Addr[], plen: number): string =>
    `[${addrs.map((a) => `${formatIpv4(a)}/${plen}`).join(', ')}]`;
  const router = isUserMode ? USER_MODE : [`iptables-restore ${RULES_FILE}`];
  const [first = t.gateway] = t.servers;
  const mtu = t.wanMtu === 1500 ? '' : `, mtu: ${t.wanMtu}`;
  const lan = isUserMode ? '' : `, addresses: ${list([t.gateway], t.insidePlen)}`;
  const sysctl = { 'net.ipv4.ip_forward': 1, ...f.sysctl };
  return [
    `seed: ${f.seed}`,
    'machines:',
    '  inside:',
    `    interfaces: { eth0: { link: lan, mac: "02:00:00:00:01:02", addresses: ${list(t.hosts, t.insidePlen)}, gateway: ${formatIpv4(t.gateway)} } }`,
    `    run: [${JSON.stringify(SILENT)}]`,
    '  nat:',
    `    sysctl: { ${Object.entries(sysctl)
      .map(([k, v]) => `${k}: ${v}`)
      .join(', ')} }`,
    '    interfaces:',
    `      ${t.lan ?? 'lan'}: { link: lan, mac: "02:00:00:00:01:01"${lan} }`,
    `      ${t.wan ?? 'wan'}: { link: wan, mac: "02:00:00:00:02:01", addresses: ${list(t.outer, t.outerPlen)}, gateway: ${formatIpv4(first)}${mtu} }`,
    ...filesOf(f.rules),
    '    run:',
    ...[...router, ...f.router].map((c) => `      - ${JSON.stringify(c)}`),
    '  outside:',
    `    interfaces: { eth0: { link: wan, mac: "02:00:00:00:02:02", addresses: ${list(t.servers, t.outerPlen)}${mtu} } }`,
    `    run: [${JSON.stringify(SILENT)}]`,
    '',
  ].join('\n');
}

function filesOf(rules: string | undefined): string[] {
  if (rules === undefined) return [];
  const lines = rules.trimEnd().split('\n');
  if (lines.some((l) => /^\s|[^\x20-\x7e]/.test(l)))
    return ['    files:', `      ${RULES_FILE}: ${JSON.stringify(rules)}`];
  return ['    files:', `      ${RULES_FILE}: |`, ...lines.map((l) => `        ${l}`)];
}
