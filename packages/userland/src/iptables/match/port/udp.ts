import type { UdpMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { type PortMatch, parsePortRange, printPorts, savePorts } from './ports.ts';

interface State {
  sports?: PortMatch;
  dports?: PortMatch;
}

/** `-m udp`. extensions/libxt_udp.c */
export const udp: MatchExtension = defineMatch<UdpMatch, State>({
  name: 'udp',
  kinds: ['udp'],
  options: [
    { name: 'source-port', type: 'string', invert: true },
    { name: 'sport', type: 'string', invert: true, sameAs: 'source-port' },
    { name: 'destination-port', type: 'string', invert: true },
    { name: 'dport', type: 'string', invert: true, sameAs: 'destination-port' },
  ],
  needsProtocol: [17],
  init: () => ({}),
  parse({ name, value, invert, rule }, state) {
    const ports = { ...parsePortRange(value.text, rule, 'udp'), invert };
    if (name === 'source-port') state.sports = ports;
    else state.dports = ports;
  },
  finish: (state) => ({ kind: 'udp', ...state }),
  print: (m, ctx) =>
    ` udp${printPorts('spt', m.sports, 'udp', ctx)}${printPorts('dpt', m.dports, 'udp', ctx)}`,
  save: (m) => savePorts('sport', m.sports) + savePorts('dport', m.dports),
});
