import type { UdpMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { rangeOf } from '../format.ts';
import { nativePorts, needProtocol, type PortMatch, printPorts, savePorts } from './ports.ts';

interface State {
  sports?: PortMatch;
  dports?: PortMatch;
}

/** `-m udp`. extensions/libxt_udp.c */
export const udp: MatchExtension = defineMatch<UdpMatch, State>({
  name: 'udp',
  kinds: ['udp'],
  options: [
    { name: 'source-port', type: 'portrc', invert: true },
    { name: 'sport', type: 'portrc', invert: true, sameAs: 'source-port' },
    { name: 'destination-port', type: 'portrc', invert: true },
    { name: 'dport', type: 'portrc', invert: true, sameAs: 'destination-port' },
  ],
  needsProtocol: [17],
  init: () => ({}),
  parse({ name, value, invert }, state) {
    const ports = { ...rangeOf(value.range), invert };
    if (name === 'source-port') state.sports = ports;
    else state.dports = ports;
  },
  finish(state, _seen, rule) {
    const asked = nativePorts(state);
    if (asked === undefined || Object.keys(asked).length > 0) needProtocol('udp', rule);
    return asked && { kind: 'udp', ...asked };
  },
  print: (m, ctx) =>
    ` udp${printPorts('spt', m.sports, 'udp', ctx)}${printPorts('dpt', m.dports, 'udp', ctx)}`,
  save: (m) => savePorts('sport', m.sports) + savePorts('dport', m.dports),
});
