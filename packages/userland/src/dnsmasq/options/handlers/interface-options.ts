import { parseInet } from '../../../libc-net/index.ts';
import { splitAll, unhide } from '../option-text.ts';
import { need, type OptionHandler, type OptionHandlers } from './handler.ts';

/** --no-dhcp-interface and its two halves. */
function noDhcp(family: 'inet' | 'inet6' | 'both'): OptionHandler {
  return ({ config }, arg) => {
    for (const name of splitAll(arg)) config.dhcpExcept.unshift({ name: unhide(name), family });
  };
}

/** On which devices and addresses dnsmasq is there. */
export const interfaceOptions: OptionHandlers = {
  i: ({ config }, arg) => {
    for (const name of splitAll(arg))
      config.interfaces.unshift({ name: unhide(name), used: false });
  },
  I: ({ config }, arg) => {
    for (const name of splitAll(arg))
      config.exceptInterfaces.unshift({ name: unhide(name), used: false });
  },
  a: ({ config, genericError }, arg) => {
    for (const part of splitAll(arg)) {
      const addr = need(parseInet(unhide(part)), genericError);
      config.listenAddresses.unshift({ addr, used: false });
    }
  },
  '2': noDhcp('both'),
  // dnsmasq src/option.c: the name with the 4 leaves a device without DHCPv6, and the other way round
  'no-dhcpv4-interface': noDhcp('inet'),
  'no-dhcpv6-interface': noDhcp('inet6'),
};
