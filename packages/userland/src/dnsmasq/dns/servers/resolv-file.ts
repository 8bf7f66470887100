import { linkDump } from '@labwire/devices/rtnetlink';
import { parseInet } from '../../../libc-net/index.ts';
import type { Process } from '../../../machine/index.ts';
import type { ServerRule } from '../../config/index.ts';

const DNS_PORT = 53;

/** The servers that a resolv.conf names. dnsmasq src/network.c, reload_servers() */
export function serversOfResolvFile(proc: Process, text: string): ServerRule[] {
  const rules: ServerRule[] = [];
  for (const line of text.split('\n')) {
    const [key, value] = line.split(/[ \t\r]+/).filter((w) => w !== '');
    if ((key !== 'nameserver' && key !== 'server') || value === undefined) continue;
    const [host = '', scope] = value.split('%');
    const addr = parseInet(host);
    if (addr === undefined || (scope !== undefined && typeof addr === 'number')) continue;
    const scopeId = linkDump(proc.netns).find((l) => l.name === scope)?.ifindex ?? 0;
    rules.push({
      kind: 'upstream',
      domain: '',
      wildcard: false,
      noDots: false,
      answer: undefined,
      to: { addr, port: DNS_PORT, ...(scopeId === 0 ? {} : { scopeId }) },
      from: undefined,
      device: '',
      origin: 'resolv-file',
    });
  }
  return rules;
}
