/** What the guests' tests have in common: a host with a bridge for two guests, and a server beyond. */

/** Ten megabytes in which any piece that is missing, twice there or elsewhere would be seen. */
const PAGE = 'seq 1 1400000';
export const PAGE_SHA1 = 'b8b3b29ce6383e13f176182169fd2d47e17bb165';
export const PAGE_BYTES = 10_088_896;

/** The addresses that dnsmasq gives the guests' MAC addresses on a real host. */
export const [VM1, VM2] = ['192.168.122.76', '192.168.122.77'] as const;
export const [MAC1, MAC2] = ['52:54:00:12:34:56', '52:54:00:12:34:57'] as const;

/** A lab; `more` are further commands. Port 8080 of the host is port 80 of the first guest. */
export function guestNetwork(...more: readonly string[]): string {
  return `---
world: none
machines:
  host: { interfaces: { eth0: { link: net, addresses: [203.0.113.1/24] } } }
  web: { interfaces: { eth0: { link: net, addresses: [203.0.113.2/24] } } }
---
\`\`\`console
host# sysctl -qw net.ipv4.ip_forward=1
host# iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
host# iptables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination ${VM1}:80
host# ip link add br0 type bridge
host# ip addr add 192.168.122.1/24 dev br0
host# ip link set br0 up
host# for tap in tap0 tap1; do ip tuntap add $tap mode tap; ip link set $tap master br0 up; done
host# dnsmasq --interface=br0 --bind-interfaces --dhcp-range=192.168.122.2,192.168.122.254 --address=/files.example.net/203.0.113.2
web# ${PAGE} > /var/www/html/page
web# nginx
${more.join('\n')}
\`\`\`
`;
}
