import type { WorldMachine } from '../../lab/config/index.ts';
import { ip, NAME_SERVER, PUBLIC_RESOLVERS, prefix } from './addresses.ts';
import { homeMachine } from './machine.ts';
import { INFRASTRUCTURE, OTHER_RECORDS, SITES } from './names.ts';

const EXAMPLE_PAGE = `<!doctype html>
<html lang="en">
<head>
<title>Example Domain</title>
<meta charset="utf-8">
</head>
<body>
<h1>Example Domain</h1>
<p>A page of Labwire's simulated internet, for documents that need one to ask for.</p>
</body>
</html>
`;

/** Every other site has a page that says which one it is; one tells who asks, one moves to its www. */
const WEB = `server {
	listen 80 default_server;
	default_type text/html;
	location / { return 200 "<!doctype html>\\n<title>$host</title>\\n<h1>$host</h1>\\n"; }
}
server {
	listen 80;
	server_name example.com example.org example.net *.example.com *.example.org *.example.net;
	root /var/www/example;
	index index.html;
}
server {
	listen 80;
	server_name google.com;
	return 301 http://www.google.com/;
}
server {
	listen 80;
	server_name ifconfig.me icanhazip.com;
	default_type text/plain;
	location / { return 200 "$remote_addr\\n"; }
}
`;

/** It knows all names there are: for any other there is none. */
const ZONES: string = [
  'no-resolv',
  'no-hosts',
  `listen-address=${NAME_SERVER}`,
  'bind-interfaces',
  'local-ttl=300',
  'local=/#/',
  ...[...SITES, ...INFRASTRUCTURE].map((s) => `host-record=${s.names.join(',')},${s.addr}`),
  ...PUBLIC_RESOLVERS.map(([addr, name]) => `host-record=${name},${addr}`),
  ...OTHER_RECORDS,
  '',
].join('\n');

/** All web sites, and the server that knows their names. */
export const SITES_MACHINE: WorldMachine = homeMachine({
  name: 'sites',
  interfaces: {
    eth0: {
      link: 'transit-sites',
      addresses: [
        prefix('198.51.100.14/30'),
        prefix(NAME_SERVER),
        ...SITES.map(({ addr }) => prefix(addr)),
      ],
      gateway: ip('198.51.100.13'),
    },
  },
  files: {
    '/etc/dnsmasq.conf': ZONES,
    '/etc/nginx/sites-enabled/default': WEB,
    '/var/www/example/index.html': EXAMPLE_PAGE,
  },
  services: [['dnsmasq'], ['nginx']],
});
