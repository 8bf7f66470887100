import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parseInet } from '../../../libc-net/index.ts';
import type { AddressPrefix, Config, ServerKind, ServerRule } from '../../config/index.ts';
import { OptionError } from '../../fatal.ts';
import {
  canonicalise,
  optionName,
  parseInteger,
  split,
  splitAll,
  splitAt,
  unhide,
} from '../option-text.ts';
import { need, type OptionContext, type OptionHandler, type OptionHandlers } from './handler.ts';
import { reverseDomains } from './reverse-domains.ts';
import { type ServerAddress, serverAddresses } from './server-address.ts';

/** `/one/two/rest` in its domains and what is behind them; no domains without a slash in front. */
function cutDomains(arg: string): { readonly domains: readonly string[]; readonly rest: string } {
  if (!arg.startsWith('/')) return { domains: [], rest: arg };
  const domains: string[] = [];
  let rest = arg.slice(1);
  for (;;) {
    const [head, tail] = splitAt(rest, '/');
    if (tail === undefined) return { domains, rest };
    domains.push(head);
    rest = tail;
  }
}

interface Target {
  readonly kind: ServerKind;
  readonly answer?: InetAddr;
  readonly address?: Exclude<ServerAddress, 'resolv'>;
}

/** What --address leads to. */
function answerOf(arg: string): Target {
  if (arg === '#') return { kind: 'zeros' };
  const answer = need(parseInet(arg), 'Bad address in --address');
  return { kind: typeof answer === 'number' ? 'addr4' : 'addr6', answer };
}

async function targetsOf(c: OptionContext, arg: string, key: string): Promise<Target[]> {
  if (arg === '') return [{ kind: 'local' }];
  if (key === 'A') return [answerOf(arg)];
  const found = await serverAddresses(c.proc, arg);
  return found.map((a) => (a === 'resolv' ? { kind: 'resolv' } : { kind: 'upstream', address: a }));
}

/** Makes the rule of one domain. @returns undefined if the domain is none. dnsmasq src/domain-match.c, add_update_server() */
function ruleOf(
  target: Target,
  domain: string,
  noDots: boolean,
  origin: ServerRule['origin'],
): ServerRule | undefined {
  const wildcard = /^\*./.test(domain);
  const bare = domain.replace(/^(?:\.+|\*)/, '');
  const name = bare === '' ? '' : canonicalise(bare);
  if (name === undefined) return undefined;
  const { kind, answer, address } = target;
  const { to, from, device = '' } = address ?? {};
  return { kind, domain: name, wildcard, noDots, answer, to, from, device, origin };
}

/** Adds a rule, in the order in which dnsmasq keeps them: servers as they come, the others newest first. */
export function addServerRule(config: Config, rule: ServerRule): void {
  if (rule.kind === 'upstream') config.servers.push(rule);
  else config.servers.unshift(rule);
}

const server: OptionHandler = async (c, arg, key) => {
  const { domains, rest } = cutDomains(unhide(arg));
  const origin = c.serversOnly && key === 'S' ? 'servers-file' : 'config';
  for (const target of await targetsOf(c, rest, key)) {
    if (domains.length === 0)
      addServerRule(c.config, need(ruleOf(target, '', false, origin), c.genericError));
    for (const domain of domains) {
      const rule = ruleOf(target, domain === '#' ? '' : domain, domain === '', origin);
      addServerRule(c.config, need(rule, c.genericError));
    }
  }
};

const reverseServer: OptionHandler = async (c, arg) => {
  const [net, to] = split(unhide(arg));
  const [addrText, bits] = splitAt(net, '/');
  const addr = need(parseInet(addrText), c.genericError);
  const full = typeof addr === 'number' ? 32 : 128;
  const size = bits === undefined ? full : (parseInteger(bits) ?? full);
  const targets = to === undefined ? [{ kind: 'local' as const }] : await targetsOf(c, to, 'S');
  const origin = c.serversOnly ? 'servers-file' : 'config';
  for (const domain of reverseDomains(addr, size))
    for (const target of targets)
      addServerRule(c.config, need(ruleOf(target, domain, false, origin), 'error'));
};

/** Names of an address range that are answered here: --domain=…,local. */
export function addLocalRange(config: Config, domain: string, addr: InetAddr, size: number): void {
  for (const name of [...reverseDomains(addr, size), domain]) {
    const rule = ruleOf({ kind: 'local' }, name, false, 'config');
    if (rule !== undefined) addServerRule(config, rule);
  }
}

function addressPrefix(c: OptionContext, arg: string): AddressPrefix {
  const [text, bits] = splitAt(unhide(arg), '/');
  const length = bits === undefined ? undefined : need(parseInteger(bits), c.genericError);
  const addr = need(parseInet(text), c.genericError);
  const full = typeof addr === 'number' ? 32 : 128;
  if (length !== undefined && length > full) throw new OptionError(c.genericError);
  return { addr, length: length ?? full };
}

const alias: OptionHandler = ({ config }, arg) => {
  const missing = 'missing address in alias';
  const [range = '', out = '', mask] = splitAll(arg).map(unhide);
  const [first, last] = splitAt(range, '-');
  const ipv4 = (text: string) => {
    const addr = need(parseInet(text), missing);
    if (typeof addr !== 'number') throw new OptionError(missing);
    return addr;
  };
  const entry = {
    first: ipv4(first),
    out: ipv4(out),
    mask: ipv4(mask ?? '255.255.255.255'),
    last: ipv4('0.0.0.0'),
  };
  if (last === undefined) {
    config.aliases.unshift(entry);
    return;
  }
  const end = parseInet(last);
  const fits = typeof end === 'number' && ((entry.first ^ end) & entry.mask) === 0;
  if (!fits || entry.first >>> 0 > end >>> 0) throw new OptionError('invalid alias range');
  config.aliases.unshift({ ...entry, last: end });
};

const rebindDomains: OptionHandler = ({ config }, arg) => {
  for (let rest: string | undefined = unhide(arg).replace(/^\//, ''); rest; ) {
    const [head, tail]: readonly [string, string | undefined] = splitAt(rest, '/');
    config.rebindDomains.unshift(optionName(head) ?? '');
    rest = tail;
  }
};

/** Who answers for which names, and what is made of answers. */
export const serverOptions: OptionHandlers = {
  S: server,
  local: server,
  A: server,
  'rev-server': reverseServer,
  'rebind-domain-ok': rebindDomains,
  B: (c, arg) => void c.config.bogusAddresses.unshift(addressPrefix(c, arg)),
  'ignore-address': (c, arg) => void c.config.ignoreAddresses.unshift(addressPrefix(c, arg)),
  V: alias,
};
