import { HOME_LINK, type WorldMachine } from '../../lab/config/index.ts';
import { ip, LAPTOP, NAME_SERVER, PUBLIC_RESOLVERS, prefix, ROUTER_LAN } from './addresses.ts';
import { homeMachine } from './machine.ts';
import { SITES } from './names.ts';

const FORWARDING: Readonly<Record<string, string>> = { 'net.ipv4.ip_forward': '1' };
const CUSTOMERS = '203.0.113.0/24';

/** A machine at home beside the lab's own. */
export const LAPTOP_MACHINE: WorldMachine = homeMachine({
  name: 'laptop',
  interfaces: {
    wlan0: { link: HOME_LINK, addresses: [prefix(`${LAPTOP}/24`)], gateway: ip(ROUTER_LAN) },
  },
  files: { '/etc/resolv.conf': `search lan\nnameserver ${ROUTER_LAN}\n` },
});

/** The provider's end of the customers' lines. */
export const ISP: WorldMachine = homeMachine({
  name: 'isp',
  sysctl: FORWARDING,
  interfaces: {
    access: { link: 'access', addresses: [prefix('203.0.113.1/24')] },
    uplink: {
      link: 'isp-exchange',
      addresses: [prefix('198.51.100.2/30')],
      gateway: ip('198.51.100.1'),
    },
  },
});

/** Where providers meet: knows the way to everything there is, and says so if something is not. */
export const EXCHANGE: WorldMachine = homeMachine({
  name: 'exchange',
  sysctl: FORWARDING,
  interfaces: {
    isp: { link: 'isp-exchange', addresses: [prefix('198.51.100.1/30')] },
    resolvers: { link: 'exchange-resolvers', addresses: [prefix('198.51.100.5/30')] },
    transit: {
      link: 'exchange-transit',
      addresses: [prefix('198.51.100.9/30')],
      gateway: ip('198.51.100.10'),
    },
  },
  routes: [
    [prefix(CUSTOMERS), ip('198.51.100.2')],
    ...PUBLIC_RESOLVERS.map(([addr]) => [prefix(addr), ip('198.51.100.6')] as const),
  ],
});

/** A network in between. */
export const TRANSIT: WorldMachine = homeMachine({
  name: 'transit',
  sysctl: FORWARDING,
  interfaces: {
    exchange: { link: 'exchange-transit', addresses: [prefix('198.51.100.10/30')] },
    sites: { link: 'transit-sites', addresses: [prefix('198.51.100.13/30')] },
  },
  routes: [
    ...['203.0.113.0/24', '198.51.100.0/29', ...PUBLIC_RESOLVERS.map(([addr]) => addr)].map(
      (to) => [prefix(to), ip('198.51.100.9')] as const,
    ),
    ...[NAME_SERVER, ...SITES.map((s) => s.addr)].map(
      (to) => [prefix(to), ip('198.51.100.14')] as const,
    ),
  ],
});

/** The resolvers that are open to everybody. */
export const RESOLVERS: WorldMachine = homeMachine({
  name: 'resolvers',
  interfaces: {
    eth0: {
      link: 'exchange-resolvers',
      addresses: [prefix('198.51.100.6/30'), ...PUBLIC_RESOLVERS.map(([addr]) => prefix(addr))],
      gateway: ip('198.51.100.5'),
    },
  },
  files: {
    '/etc/dnsmasq.conf': `no-resolv\nno-hosts\nserver=${NAME_SERVER}\ncache-size=10000\n`,
  },
  services: [['dnsmasq']],
});
