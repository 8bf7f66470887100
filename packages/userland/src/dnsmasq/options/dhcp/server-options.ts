import { parseIpv4, parseIpv6 } from '@labwire/core/addr';
import type { Config } from '../../config/index.ts';
import { OptionError } from '../../fatal.ts';
import {
  need,
  type OptionContext,
  type OptionHandler,
  type OptionHandlers,
} from '../handlers/index.ts';
import { parseInteger, parseInteger16, split, splitAll, unhide } from '../option-text.ts';
import { parseHex } from './dhcp-words.ts';

/** Ports of --dhcp-alternate-port without a value. */
const ALTERNATE_PORT = 1067;
const PREFERENCE_HIGH = 0x08;
const PREFERENCE_LOW = 0x18;
const MIN_MTU = 1280;

/** Puts a path at the front or the end of a list. */
const path =
  (list: (config: Config) => string[]): OptionHandler =>
  ({ config }, arg) => {
    list(config).unshift(unhide(arg));
  };

function setPorts({ config }: OptionContext, arg: string): void {
  const { dhcp } = config;
  const [server, client] = split(arg === '' ? `${ALTERNATE_PORT}` : arg);
  const port = parseInteger16(server);
  const other =
    client === undefined ? (port === undefined ? undefined : port + 1) : parseInteger16(client);
  if (port === undefined || other === undefined) throw new OptionError('invalid port number');
  dhcp.serverPort = port;
  dhcp.clientPort = other;
}

function setProxy({ config }: OptionContext, arg: string): void {
  config.dhcp.overrideServerId = true;
  for (const word of arg === '' ? [] : splitAll(arg))
    config.dhcp.overrideRelays.unshift(need(parseIpv4(word), 'bad dhcp-proxy address'));
}

function addSharedNetwork({ config, proc }: OptionContext, arg: string): void {
  const bad = 'bad shared-network';
  const [first, second] = split(arg);
  if (parseIpv6(need(second, bad)) !== undefined)
    throw new OptionError('--shared-network is supported for IPv4 alone');
  const shared = need(parseIpv4(second as string), bad);
  const addr = parseIpv4(first);
  const device = addr === undefined ? unhide(first) : undefined;
  if (device !== undefined) need(proc.netns.devices.byName(device), bad);
  config.dhcp.sharedNetworks.unshift({ device, addr, shared });
}

function addRaParameters({ config }: OptionContext, arg: string): void {
  const bad = 'bad RA-params';
  const words = splitAll(arg);
  const device = unhide(words.shift() as string);
  // a device alone says nothing
  if (words.length === 0) return;
  let mtu = 0;
  let mtuDevice: string | undefined;
  const size = /^mtu:(.*)$/i.exec(words[0] ?? '')?.[1];
  if (size !== undefined) {
    words.shift();
    const value = size.toLowerCase() === 'off' ? -1 : parseInteger(size);
    if (value === undefined) mtuDevice = unhide(size);
    else if (value !== -1 && value < MIN_MTU) throw new OptionError(bad);
    else mtu = value;
  }
  const level = /^(?:high|low)$/i.exec(words[0] ?? '')?.[0].toLowerCase();
  if (level !== undefined) words.shift();
  const preference = level === undefined ? 0 : level === 'low' ? PREFERENCE_LOW : PREFERENCE_HIGH;
  const [first, second] = words;
  const interval = need(parseInteger(need(first, bad)), bad);
  const lifetime = second === undefined ? -1 : need(parseInteger(second), bad);
  config.dhcp.raParameters.unshift({ device, interval, lifetime, preference, mtu, mtuDevice });
}

function setDuid({ config }: OptionContext, arg: string): void {
  const [number, id] = split(arg);
  const enterprise = parseInteger(number);
  const bytes = id === undefined ? undefined : parseHex(id, 130, false)?.bytes;
  if (enterprise === undefined || bytes === undefined) throw new OptionError('bad DUID');
  config.dhcp.duid = { enterprise, id: bytes };
}

/** Options of the DHCP server as a whole, and of router advertisements. */
export const serverOptions: OptionHandlers = {
  l: ({ config }, arg) => {
    config.dhcp.leaseFile = unhide(arg);
  },
  X: ({ config, genericError }, arg) => {
    config.dhcp.maxLeases = need(parseInteger(arg), genericError);
  },
  '6': ({ config }, arg) => {
    config.dhcp.script = unhide(arg);
  },
  'dhcp-scriptuser': ({ config }, arg) => {
    config.dhcp.scriptUser = unhide(arg);
  },
  'dhcp-hostsfile': path((c) => c.dhcp.hostsFiles),
  'dhcp-hostsdir': path((c) => c.dhcp.hostsDirs),
  'dhcp-optsfile': path((c) => c.dhcp.optsFiles),
  'dhcp-optsdir': path((c) => c.dhcp.optsDirs),
  'dhcp-alternate-port': setPorts,
  'dhcp-proxy': setProxy,
  'shared-network': addSharedNetwork,
  'dhcp-ttl': ({ config, genericError }, arg) => {
    config.dhcp.ttl = need(parseInteger(arg), genericError);
  },
  'ra-param': addRaParameters,
  'dhcp-duid': setDuid,
};
