import { OptionError } from '../../fatal.ts';
import { need, type OptionContext, type OptionHandlers } from '../handlers/index.ts';
import { parseInteger, parseInteger16, split, splitAll, unhide } from '../option-text.ts';

function setPortRange({ config }: OptionContext, arg: string): void {
  const bad = 'bad port range';
  const [low, high] = split(arg);
  const first = need(parseInteger16(low), bad);
  const last = need(parseInteger16(need(high, bad)), bad);
  config.dhcp.tftpPorts = first <= last ? { first, last } : { first: last, last: first };
}

/** Options of the TFTP server. */
export const tftpOptions: OptionHandlers = {
  'enable-tftp': ({ config }, arg) => {
    config.dhcp.tftp = true;
    if (arg !== '') config.dhcp.tftpDevices.push(...splitAll(arg).map(unhide));
  },
  'tftp-root': ({ config }, arg) => {
    const [root, device] = split(arg);
    const name = device === undefined ? undefined : unhide(device);
    config.dhcp.tftpRoots.push({ root: unhide(root), device: name });
  },
  'tftp-max': ({ config, genericError }, arg) => {
    config.dhcp.tftpMax = need(parseInteger(arg), genericError);
  },
  'tftp-mtu': ({ config, genericError }, arg) => {
    config.dhcp.tftpMtu = need(parseInteger(arg), genericError);
  },
  'tftp-port-range': setPortRange,
  'tftp-unique-root': ({ config, genericError }, arg) => {
    if (arg !== '' && arg !== 'ip' && arg !== 'mac') throw new OptionError(genericError);
    if (arg === 'mac')
      throw new OptionError('--tftp-unique-root=mac is not supported: ip names the client');
    config.dhcp.tftpUniqueRoot = true;
  },
};
