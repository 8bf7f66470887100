import type { SockInfo } from '@labwire/devices/sock';

function row(name: string, socks: readonly SockInfo[]): string {
  const inet = socks.filter((s) => s.family === 'inet').length;
  const cell = (n: number) => String(n).padEnd(9);
  return `${name}\t  ${cell(socks.length)} ${cell(inet)} ${cell(socks.length - inet)}\n`;
}

/** `ss -s`: how many sockets there are. Source: iproute2 misc/ss.c, print_summary(). */
export function summary(socks: readonly SockInfo[]): string {
  const of = (netid: string) => socks.filter((s) => s.netid === netid);
  const tcp = of('tcp');
  const timeWait = tcp.filter((s) => s.state === 'TIME-WAIT').length;
  const established = tcp.filter((s) => s.state === 'ESTAB' || s.state === 'CLOSE-WAIT').length;
  const hashed = tcp.filter((s) => s.state !== 'TIME-WAIT');
  const orphaned = hashed.filter((s) => s.socket === undefined && s.state !== 'SYN-RECV').length;
  const inet = [...of('raw'), ...of('udp'), ...hashed];
  return [
    `Total: ${inet.length}\n`,
    `TCP:   ${tcp.length} (estab ${established}, closed ${timeWait}, orphaned ${orphaned}, timewait ${timeWait})\n`,
    '\nTransport Total     IP        IPv6\n',
    row('RAW', of('raw')),
    row('UDP', of('udp')),
    row('TCP', hashed),
    row('INET', inet),
    row('FRAG', []),
    '\n',
  ].join('');
}
