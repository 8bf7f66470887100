import { OptionError } from '../../fatal.ts';

const NO_DNSSEC = 'signatures are not checked';
const NO_AUTH = 'authoritative zones are not supported; records and --local answer for names';
const NO_SETS = 'answers are not put into sets';
const NO_MARKS = 'connection marks are not copied or filtered by';
const NO_PXE = 'there are no PXE menus; --dhcp-boot names the boot file';
const NO_TAGGING = 'nothing is added to forwarded queries';

/** What dnsmasq has and this has not, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  '1': 'there is no D-Bus',
  dnssec: NO_DNSSEC,
  'trust-anchor': NO_DNSSEC,
  'dnssec-debug': NO_DNSSEC,
  'dnssec-check-unsigned': NO_DNSSEC,
  'dnssec-no-timecheck': NO_DNSSEC,
  'dnssec-timestamp': NO_DNSSEC,
  'dnssec-limits': NO_DNSSEC,
  'proxy-dnssec': NO_DNSSEC,
  'auth-zone': NO_AUTH,
  'auth-server': NO_AUTH,
  'auth-soa': NO_AUTH,
  'auth-sec-servers': NO_AUTH,
  'auth-peer': NO_AUTH,
  ipset: NO_SETS,
  nftset: NO_SETS,
  conntrack: NO_MARKS,
  'connmark-allowlist-enable': NO_MARKS,
  'connmark-allowlist': NO_MARKS,
  'add-mac': NO_TAGGING,
  'strip-mac': NO_TAGGING,
  'add-subnet': NO_TAGGING,
  'strip-subnet': NO_TAGGING,
  'add-cpe-id': NO_TAGGING,
  umbrella: NO_TAGGING,
  'dhcp-relay': 'it serves what other relays bring',
  'script-arp': 'the script hears of leases alone',
  'pxe-prompt': NO_PXE,
  'pxe-service': NO_PXE,
  'dhcp-pxe-vendor': NO_PXE,
  'tftp-single-port': 'each transfer has a port of its own',
  'dns-loop-detect': 'loops are not looked for',
  'conf-script': 'configuration is read from files',
  dumpfile: 'packets are captured with tcpdump',
  dumpmask: 'packets are captured with tcpdump',
};

/** Words of dnsmasq's own for what Debian's dnsmasq was built without. */
const BUILT_WITHOUT: Readonly<Record<string, string>> = {
  'dhcp-luascript': 'recompile with HAVE_LUASCRIPT defined to enable Lua scripts',
};

/** Keys of the options that are refused by name. */
export const REFUSED_OPTIONS: readonly string[] = [
  ...Object.keys(BUILT_WITHOUT),
  ...Object.keys(REFUSED),
];

/** Refuses an option that is not supported, by name. @throws OptionError */
export function refuseUnsupported(key: string, name: string): void {
  const own = BUILT_WITHOUT[key];
  if (own !== undefined) throw new OptionError(own);
  const reason = REFUSED[key];
  if (reason !== undefined) throw new OptionError(`--${name} is not supported: ${reason}`);
}
