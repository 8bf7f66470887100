/** A site of the internet: its address and the names that lead there, the first of them what the address is called. */
export interface Site {
  readonly addr: string;
  readonly names: readonly string[];
}

/** The names that resolve. Where a name is that of a real site, so is the address, or was once. */
export const SITES: readonly Site[] = [
  { addr: '93.184.216.34', names: ['example.com', 'www.example.com'] },
  { addr: '93.184.216.35', names: ['example.org', 'www.example.org'] },
  { addr: '93.184.216.36', names: ['example.net', 'www.example.net'] },
  { addr: '142.250.206.206', names: ['google.com'] },
  { addr: '142.250.206.196', names: ['www.google.com'] },
  { addr: '223.130.195.95', names: ['naver.com', 'www.naver.com'] },
  { addr: '211.249.220.24', names: ['daum.net', 'www.daum.net'] },
  { addr: '20.200.245.247', names: ['github.com', 'www.github.com'] },
  { addr: '139.178.84.217', names: ['kernel.org', 'www.kernel.org'] },
  { addr: '103.102.166.224', names: ['wikipedia.org', 'www.wikipedia.org', 'en.wikipedia.org'] },
  { addr: '104.16.132.229', names: ['cloudflare.com', 'www.cloudflare.com'] },
  { addr: '130.89.148.77', names: ['debian.org', 'www.debian.org', 'ftp.debian.org'] },
  { addr: '151.101.2.132', names: ['deb.debian.org', 'security.debian.org'] },
  { addr: '185.125.190.21', names: ['ubuntu.com', 'www.ubuntu.com'] },
  {
    addr: '185.125.190.36',
    names: ['archive.ubuntu.com', 'security.ubuntu.com', 'kr.archive.ubuntu.com'],
  },
  { addr: '34.160.111.145', names: ['ifconfig.me', 'icanhazip.com'] },
];

/** Records beside addresses, as dnsmasq's configuration has them. */
export const OTHER_RECORDS: readonly string[] = [
  'mx-host=example.com,mail.example.com,10',
  'txt-record=example.com,"v=spf1 -all"',
  'mx-host=google.com,smtp.google.com,10',
  'txt-record=google.com,"v=spf1 include:_spf.google.com ~all"',
  'mx-host=naver.com,mx1.naver.com,10',
];

/** What the addresses of routers and servers are called, for traceroute. */
export const INFRASTRUCTURE: readonly Site[] = [
  { addr: '203.0.113.1', names: ['gateway.isp.example'] },
  { addr: '203.0.113.7', names: ['customer-7.isp.example'] },
  { addr: '198.51.100.1', names: ['isp.exchange.example'] },
  { addr: '198.51.100.10', names: ['exchange.transit.example'] },
  { addr: '192.0.2.53', names: ['ns.transit.example'] },
];
