import { formatIpv4, type Ipv4Addr, type MacAddr } from '@labwire/core/addr';
import type { EbtAmong, EbtPair, Is } from '@labwire/devices/bridge';
import { parameterProblem, parseAddr } from '../../iptables/index.ts';
import { asked, defineExtension, type EbtExtension } from '../extension.ts';
import { etherAton, shown } from '../values.ts';

/** `MAC` or `MAC=IP`. */
function readPair(text: string): EbtPair {
  const eq = text.indexOf('=');
  const macText = eq < 0 ? text : text.slice(0, eq);
  const mac = etherAton(macText);
  if (mac === undefined) throw parameterProblem(`Invalid MAC address '${macText}'`);
  if (eq < 0) return [mac, null];
  const ip = parseAddr(text.slice(eq + 1), 'inet');
  if (typeof ip !== 'number') throw parameterProblem(`Invalid IP address '${text.slice(eq + 1)}'`);
  return [mac, ip];
}

/** In order of their bytes, as they are kept. `nft_among_insert_pair()` */
function readPairs(text: string): EbtPair[] {
  const pairs = text.split(',').map(readPair);
  return pairs.sort(([a, ip], [b, jp]) => a - b || ((ip ?? 0) >>> 0) - ((jp ?? 0) >>> 0));
}

/** ether_ntoa(3): bytes without leading zeros. */
function shortMac(mac: MacAddr): string {
  const hex = mac.toString(16).padStart(12, '0');
  return (hex.match(/../g) ?? []).map((b) => Number.parseInt(b, 16).toString(16)).join(':');
}

function pairText([mac, ip]: EbtPair): string {
  return shortMac(mac) + (ip === null ? '' : `=${formatIpv4(ip as Ipv4Addr)}`);
}

function pairsShown(option: string, pairs: Is<readonly EbtPair[]> | undefined): string {
  return shown(option, pairs, (list) => list.map(pairText).join(','));
}

/** `--among-src`, `--among-dst`. extensions/libebt_among.c */
export const among: EbtExtension = defineExtension<EbtAmong>({
  name: 'among',
  options: [
    { names: ['among-src'], key: 'src', once: true },
    { names: ['among-dst'], key: 'dst', once: true },
    { names: ['among-src-file'], key: 'src-file' },
    { names: ['among-dst-file'], key: 'dst-file' },
  ],
  init: () => ({ kind: 'among' }),
  parse(m, call) {
    if (call.key === 'src') m.src = asked(readPairs(call.text), call);
    else if (call.key === 'dst') m.dst = asked(readPairs(call.text), call);
    else
      throw parameterProblem(
        `Labwire reads no --among-${call.key}; it has --among-src and --among-dst`,
      );
  },
  print: (m) => pairsShown('--among-src', m.src) + pairsShown('--among-dst', m.dst),
});
