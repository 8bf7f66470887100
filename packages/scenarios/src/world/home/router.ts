import { HOME_LINK, type WorldMachine } from '../../lab/config/index.ts';
import {
  DHCP_POOL,
  HOME_DOMAIN,
  HOST,
  HOST_MAC,
  ip,
  LAPTOP,
  prefix,
  ROUTER_LAN,
  ROUTER_WAN,
} from './addresses.ts';
import { homeMachine } from './machine.ts';

/** The port of the public address that leads to the first machine's web server. */
const FORWARDED_PORT = 8080;

/** What comes in for the forwarded port goes to the host, from the LAN by way of the router too. */
const RULES = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -i lan -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan -j ACCEPT
-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d ${ROUTER_WAN}/32 -p tcp -m tcp --dport ${FORWARDED_PORT} -j DNAT --to-destination ${HOST}:80
-A POSTROUTING -s 192.168.0.0/24 -d ${HOST}/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
`;

const DNSMASQ_CONF = `# names
domain-needed
domain=${HOME_DOMAIN}
expand-hosts
local=/${HOME_DOMAIN}/0.168.192.in-addr.arpa/
# addresses
interface=lan
dhcp-range=${DHCP_POOL.join(',')},12h
dhcp-host=${HOST_MAC},${HOST}
dhcp-authoritative
`;

const ADMIN_PAGE = `<!DOCTYPE html>
<html>
<head>
<title>Home router</title>
</head>
<body>
<h1>Home router</h1>
<table>
<tr><th>Internet</th><td>${ROUTER_WAN}, gateway 203.0.113.1</td></tr>
<tr><th>LAN</th><td>${ROUTER_LAN}/24, domain ${HOME_DOMAIN}</td></tr>
<tr><th>DHCP</th><td>${DHCP_POOL.join(' to ')}, 12 hours; ${HOST} for ${HOST_MAC}</td></tr>
<tr><th>DNS</th><td>1.1.1.1, 8.8.8.8</td></tr>
<tr><th>Port forwarding</th><td>tcp ${FORWARDED_PORT} to ${HOST}:80</td></tr>
</table>
</body>
</html>
`;

const ADMIN_SITE = `server {
	listen ${ROUTER_LAN}:80;
	root /var/www/html;
	index index.html;
}
`;

/** The router between the LAN and the internet: NAT, DHCP, DNS, a forwarded port, an admin page. */
export const ROUTER: WorldMachine = homeMachine({
  name: 'router',
  interfaces: {
    lan: { link: HOME_LINK, addresses: [prefix(`${ROUTER_LAN}/24`)] },
    wan: {
      link: 'access',
      addresses: [prefix(`${ROUTER_WAN}/24`)],
      gateway: ip('203.0.113.1'),
    },
  },
  sysctl: { 'net.ipv4.ip_forward': '1' },
  files: {
    '/etc/iptables/rules.v4': RULES,
    '/etc/dnsmasq.conf': DNSMASQ_CONF,
    '/etc/hosts': `127.0.0.1 localhost\n${ROUTER_LAN} router\n${LAPTOP} laptop\n`,
    '/etc/resolv.conf': 'nameserver 1.1.1.1\nnameserver 8.8.8.8\n',
    '/etc/nginx/sites-enabled/default': ADMIN_SITE,
    '/var/www/html/index.html': ADMIN_PAGE,
  },
  services: [['iptables-restore', '/etc/iptables/rules.v4'], ['dnsmasq'], ['nginx']],
});
