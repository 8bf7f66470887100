import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parseInet } from '../../../libc-net/index.ts';
import type { HostRecord, InterfaceName } from '../../config/index.ts';
import { EC_NOMEM, Fatal, OptionError } from '../../fatal.ts';
import {
  optionName,
  parseInteger,
  parseInteger16,
  split,
  splitAll,
  splitAt,
  unhide,
} from '../option-text.ts';
import { need, type OptionHandler, type OptionHandlers } from './handler.ts';

const TYPE_TXT = 16;
const TYPE_CAA = 257;
/** Bytes of one string of a TXT record. */
const MAX_STRING = 255;

const mxHost: OptionHandler = ({ config }, arg) => {
  const [name, rest] = split(arg);
  const [target, preference] = rest === undefined ? [undefined, undefined] : split(rest);
  const value = preference === undefined ? 1 : parseInteger16(preference);
  config.mxHosts.unshift({
    preference: need(value, 'bad MX preference'),
    name: need(optionName(name), 'bad MX name'),
    target: target === undefined ? undefined : need(optionName(target), 'bad MX name'),
  });
};

const srvHost: OptionHandler = ({ config }, arg) => {
  const [name = '', target, port, priority, weight] = splitAll(arg);
  config.srvHosts.unshift({
    name: need(optionName(name), 'bad SRV record'),
    target: target === undefined ? undefined : need(optionName(target), 'bad SRV target'),
    port: port === undefined ? 1 : need(parseInteger16(port), 'invalid port number'),
    priority: priority === undefined ? 0 : need(parseInteger16(priority), 'invalid priority'),
    weight: weight === undefined ? 0 : need(parseInteger16(weight), 'invalid weight'),
  });
};

const ptrRecord: OptionHandler = ({ config }, arg) => {
  const [name, target] = split(arg);
  config.ptrRecords.unshift({
    name: need(optionName(name), 'bad PTR record'),
    target: target === undefined ? undefined : need(optionName(target), 'bad PTR record'),
  });
};

const naptrRecord: OptionHandler = ({ config }, arg) => {
  const bad = 'bad NAPTR record';
  const [name = '', order = '', preference = '', flags, services, regexp, replacement] =
    splitAll(arg);
  if (flags === undefined || services === undefined || regexp === undefined)
    throw new OptionError(bad);
  config.naptrs.unshift({
    name: need(optionName(name), bad),
    order: need(parseInteger16(order), bad),
    preference: need(parseInteger16(preference), bad),
    flags: unhide(flags),
    services: unhide(services),
    regexp: unhide(regexp),
    replacement: replacement === undefined ? undefined : need(optionName(replacement), bad),
  });
};

/** Bytes of a text of one byte a character. */
function latin1(text: string): number[] {
  return Array.from(text, (c) => c.charCodeAt(0) & 0xff);
}

/** The strings of a TXT record, each with its length before it; a longer one is cut into several. */
function txtData(text: string): Uint8Array {
  const out: number[] = [];
  let count = out.push(0) - 1;
  for (const c of text) {
    if (c === ',' || out[count] === MAX_STRING) count = out.push(0) - 1;
    if (c === ',') continue;
    out.push(unhide(c).charCodeAt(0) & 0xff);
    out[count] = (out[count] as number) + 1;
  }
  return Uint8Array.from(out);
}

const txtRecord: OptionHandler = ({ config }, arg) => {
  const [name, text = ''] = split(arg);
  config.txtRecords.unshift({
    name: need(optionName(name), 'bad TXT record'),
    type: TYPE_TXT,
    data: txtData(text),
  });
};

/** Bytes written in hexadecimal, with or without colons between. dnsmasq src/util.c, parse_hex() */
function hexBytes(text: string): Uint8Array | undefined {
  const out: number[] = [];
  for (const part of text.split(/[: -]/)) {
    if (!/^[0-9a-fA-F]*$/.test(part)) return undefined;
    for (let i = 0; i < part.length; i += 2) out.push(Number.parseInt(part.slice(i, i + 2), 16));
  }
  return Uint8Array.from(out);
}

/** Data that is not hexadecimal makes dnsmasq ask for as much memory as there can be. */
function rawData(text: string): Uint8Array {
  const data = hexBytes(text);
  if (data === undefined) throw new Fatal('could not get memory', EC_NOMEM);
  return data;
}

const rawRecord: OptionHandler = ({ config }, arg) => {
  const bad = 'bad RR record';
  const [name, rest] = split(arg);
  const [type, data] = split(rest ?? '\0');
  config.rawRecords.unshift({
    type: need(parseInteger(type), bad) & 0xffff,
    name: need(optionName(name), bad),
    data: rawData(unhide(data ?? '')),
  });
};

const caaRecord: OptionHandler = ({ config }, arg) => {
  const bad = 'bad CAA record';
  const [name, rest] = split(arg);
  const [flags, tagAndValue] = split(rest ?? '\0');
  const [tag, value] = tagAndValue === undefined ? [undefined, undefined] : split(tagAndValue);
  const flagByte = need(parseInteger(flags), bad);
  const tagBytes = latin1(unhide(need(tag, bad)));
  const valueBytes = latin1(unhide(need(value, bad)));
  config.rawRecords.unshift({
    name: need(optionName(name), bad),
    type: TYPE_CAA,
    data: Uint8Array.from([flagByte & 0xff, tagBytes.length, ...tagBytes, ...valueBytes]),
  });
};

const cname: OptionHandler = ({ config }, arg) => {
  const bad = 'bad CNAME';
  const words = splitAll(arg);
  if (words.length < 2) throw new OptionError(bad);
  const ttl = words.length > 2 ? parseInteger(words.at(-1) as string) : undefined;
  const names = ttl === undefined ? words : words.slice(0, -1);
  const last = names.at(-1) as string;
  for (const word of names.slice(0, -1)) {
    const alias = need(optionName(word), bad);
    const target = need(optionName(last), bad);
    if (config.cnames.some((c) => c.alias.toLowerCase() === alias.toLowerCase()))
      throw new OptionError('duplicate CNAME');
    config.cnames.unshift({ alias, target, ttl });
  }
};

const hostRecord: OptionHandler = ({ config }, arg) => {
  const words = splitAll(arg);
  if (words.length < 2) throw new OptionError('Bad host-record');
  const names: string[] = [];
  let addr4: Ipv4Addr | undefined;
  let addr6: Ipv6Addr | undefined;
  let ttl: number | undefined;
  for (const word of words) {
    const addr = parseInet(word);
    if (/^\d*$/.test(word)) ttl = Number(word);
    else if (typeof addr === 'number') addr4 = addr;
    else if (addr !== undefined) addr6 = addr;
    else names.push(need(optionName(word), 'Bad name in host-record'));
  }
  const record: HostRecord = { names, addr4, addr6, ttl };
  config.hostRecords.push(record);
};

interface InterfaceWords {
  readonly device: string | undefined;
  readonly family: string | undefined;
  readonly hosts: readonly InetAddr[];
}

/** The words behind a name: addresses, then a device with or without a family. */
function interfaceWords(rest: string | undefined): InterfaceWords {
  const words = rest === undefined ? [] : splitAll(rest);
  const hosts: InetAddr[] = [];
  let at = 0;
  for (; at < words.length - 1; at++) {
    const host = parseInet(words[at] as string);
    if (host === undefined) break;
    hosts.push(host);
  }
  const last = words.slice(at).join(',');
  const [device, family] = splitAt(last, '/');
  return { device: words.length === 0 ? undefined : device, family, hosts };
}

const interfaceName: OptionHandler = ({ config, genericError }, arg, key) => {
  const dynamic = key === 'dynamic-host';
  const bad = dynamic ? 'bad dynamic host' : 'bad interface name';
  const [name, rest] = split(arg);
  const { device, family, hosts } = interfaceWords(rest);
  if (family !== undefined && family !== '4' && family !== '6') throw new OptionError(genericError);
  if (dynamic && hosts.length === 0) throw new OptionError('missing address in dynamic host');
  const wrong = dynamic ? family !== undefined : hosts.length > 0;
  if (device === undefined || wrong) throw new OptionError(bad);
  const record: InterfaceName = {
    name: need(optionName(name), bad),
    device: unhide(device),
    wants4: !dynamic && family !== '6',
    wants6: !dynamic && family !== '4',
    host4: hosts.find((h) => typeof h === 'number'),
    host6: hosts.find((h) => typeof h === 'object'),
  };
  config.interfaceNames.push(record);
};

/** Records of our own: hosts, aliases, services. */
export const recordOptions: OptionHandlers = {
  m: mxHost,
  t: ({ config }, arg) => {
    config.mxTarget = need(optionName(arg), 'bad MX target');
  },
  W: srvHost,
  'ptr-record': ptrRecord,
  'naptr-record': naptrRecord,
  Y: txtRecord,
  'dns-rr': rawRecord,
  'caa-record': caaRecord,
  cname,
  'host-record': hostRecord,
  'interface-name': interfaceName,
  'dynamic-host': interfaceName,
};
