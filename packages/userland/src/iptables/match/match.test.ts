import type { XtRule } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PrintContext } from '../core/extension.ts';
import type { NameContext } from '../core/names.ts';
import { CommandParser } from '../core/parse-command.ts';
import { sameRule } from '../core/same-rule.ts';
import { ruleOptions } from '../core/save-rule.ts';
import { splitWords } from '../restore-line.ts';
import { MATCHES } from './index.ts';

const PROTOCOLS: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  icmp: 1,
  'ipv6-icmp': 58,
  sctp: 132,
  dccp: 33,
  ah: 51,
  esp: 50,
  mh: 135,
};

const names: NameContext = {
  servicePort: (name) => (name === 'http' ? 80 : undefined),
  serviceName: (port) => (port === 80 ? 'http' : undefined),
  protocolNumber: (name) => PROTOCOLS[name],
  protocolName: (n) => Object.keys(PROTOCOLS).find((name) => PROTOCOLS[name] === n),
  userId: (name) => (name === 'root' ? 0 : undefined),
  groupId: () => undefined,
  userName: (uid) => (uid === 0 ? 'root' : undefined),
  groupName: () => undefined,
  hasSet: () => false,
  idMap: () => undefined,
};

/** The rule that options make. @throws IptablesError */
function made(options: readonly string[], family: Family): XtRule {
  const command = new CommandParser(['-A', 'INPUT', ...options], {
    family,
    names,
    resolve: () => [],
    restoreTable: undefined,
    program: 'iptables',
    warnings: [],
  }).parse();
  return command.rules[0] as XtRule;
}

/** What is saved of a rule. */
function saved(rule: XtRule, family: Family): string {
  const ctx: PrintContext = { family, numeric: true, names };
  return ruleOptions(rule, ctx, false);
}

const uint8 = fc.integer({ min: 0, max: 255 });
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const range = (n: fc.Arbitrary<number>): fc.Arbitrary<string> =>
  fc.oneof(
    n.map(String),
    fc.tuple(n, n).map(([a, b]) => `${Math.min(a, b)}:${Math.max(a, b)}`),
    n.map((a) => `${a}:`),
    n.map((a) => `:${a}`),
  );
/** Any port, inverted, is forgotten when a rule is saved. */
const somePorts = range(uint16).filter((r) => !['0:', ':65535', '0:65535'].includes(r));
const ip4 = fc.tuple(uint8, uint8, uint8, uint8).map((b) => b.join('.'));
const rate = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.constantFrom('s', 'min', 'hour', 'day'))
  .map(([n, unit]) => `${n}/${unit}`);
const text = fc.string({ minLength: 1, maxLength: 30 });
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);

/** An option that takes an argument, inverted half of the time if it may be. */
function option(name: string, arg: fc.Arbitrary<string>, inverts = true): fc.Arbitrary<string[]> {
  const not = inverts ? fc.boolean() : fc.constant(false);
  return fc.tuple(not, arg).map(([n, a]) => [...(n ? ['!'] : []), `--${name}`, a]);
}

function some(...options: readonly fc.Arbitrary<string[]>[]): fc.Arbitrary<string[]> {
  return fc
    .tuple(...options.map((o) => fc.option(o, { nil: [] as string[] })))
    .map((given) => given.flat());
}

/** Matches with their protocols and all kinds of what may be asked of them. */
const ASKED: Readonly<Record<string, fc.Arbitrary<string[]>>> = {
  '-p tcp -m tcp': some(
    option('sport', somePorts),
    option('dport', somePorts),
    option('tcp-option', fc.integer({ min: 1, max: 255 }).map(String)),
  ),
  '-p udp -m udp': some(option('sport', range(uint16)), option('dport', range(uint16))),
  '-p sctp -m sctp': some(option('sport', range(uint16)), option('dport', range(uint16))),
  '-p tcp -m multiport': option(
    'dports',
    fc.array(uint16, { minLength: 1, maxLength: 15 }).map((a) => a.join(',')),
  ),
  '-p tcp -m tcpmss': option('mss', uint16.map(String)),
  '-p icmp -m icmp': option(
    'icmp-type',
    fc.tuple(fc.integer({ min: 0, max: 254 }), uint8).map((t) => t.join('/')),
  ),
  '-p esp -m esp': some(option('espspi', range(uint32.filter((n) => n > 0 && n < 0xffff_ffff)))),
  '-m length': option('length', range(uint16)),
  '-m ttl': option('ttl-eq', uint8.map(String)),
  '-m tos': option(
    'tos',
    fc.tuple(uint8, uint8).map((t) => t.join('/')),
  ),
  '-m dscp': option('dscp', fc.integer({ min: 0, max: 63 }).map(String)),
  '-m mark': option(
    'mark',
    fc.tuple(uint32, uint32).map((t) => t.join('/')),
  ),
  '-m connmark': option('mark', uint32.map(String)),
  '-m string --algo bm': option(
    'hex-string',
    text.map((t) => t.replace(/[|\\]/g, '-')),
  ),
  '-m comment': option('comment', text, false),
  '-m limit': some(
    option('limit', rate, false),
    option('limit-burst', fc.integer({ min: 1, max: 9999 }).map(String), false),
  ),
  '-m hashlimit --hashlimit-name x': option('hashlimit-upto', rate),
  '-m connlimit': option('connlimit-above', uint32.map(String)),
  '-m connbytes --connbytes-dir both --connbytes-mode bytes': option(
    'connbytes',
    uint32.map(String),
  ),
  '-m quota': option('quota', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)),
  '-m iprange': option(
    'src-range',
    fc.tuple(ip4, ip4).map((t) => t.join('-')),
  ),
  '-m conntrack --ctstate NEW,RELATED': some(
    option(
      'ctorigsrc',
      fc.tuple(ip4, fc.integer({ min: 0, max: 32 })).map((t) => t.join('/')),
    ),
    option('ctreplsrcport', range(uint16)),
    option('ctexpire', range(uint32)),
  ),
  '-m owner': option('uid-owner', uint16.map(String)),
  '-m physdev': option(
    'physdev-in',
    word.map((w) => `${w}+`),
  ),
  '-m statistic --mode random': option(
    'probability',
    fc.integer({ min: 0, max: 1000 }).map((n) => String(n / 1000)),
  ),
  '-m recent --update': some(
    option('seconds', fc.integer({ min: 1, max: 9999 }).map(String), false),
    option('name', word, false),
  ),
  '-m time': some(
    option(
      'monthdays',
      fc.array(fc.integer({ min: 1, max: 31 }), { minLength: 1 }).map((a) => a.join(',')),
    ),
    option(
      'datestart',
      fc.integer({ min: 1970, max: 2037 }).map((y) => `${y}-02-28T23:59:58`),
      false,
    ),
  ),
  '-m u32': option(
    'u32',
    fc.tuple(uint32, uint8, uint32).map(([a, s, v]) => `${a}>>${s}&0xff@4=${v}:0xffffffff,7&&1=2`),
  ),
};

/** Rates are saved in whole numbers of a unit, so that what is made again may be a little off. */
const ROUNDED: readonly string[] = ['-m limit', '-m hashlimit --hashlimit-name x'];

describe('a match', () => {
  it.each(Object.keys(ASKED))('%s is saved so that it makes the same rule again', (match) => {
    fc.assert(
      fc.property(ASKED[match] as fc.Arbitrary<string[]>, (options) => {
        const rule = made([...match.split(' '), ...options], 'inet');
        const again = made(splitWords(saved(rule, 'inet')), 'inet');
        expect(saved(again, 'inet')).toBe(saved(rule, 'inet'));
        if (!ROUNDED.includes(match)) expect(sameRule(again, rule)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('has a name of its own in each family', () => {
    for (const family of ['inet', 'inet6'] as const) {
      const of = MATCHES.filter((m) => (m.family ?? family) === family).map((m) => m.name);
      expect(new Set(of).size).toBe(of.length);
    }
  });

  it('names each option once, and other names only of options that it has', () => {
    for (const { name, options } of MATCHES) {
      const all = options.map((o) => o.name);
      expect(new Set(all).size, name).toBe(all.length);
      for (const o of options) {
        const others = [o.sameAs ?? o.name, ...(o.also ?? []), ...(o.excl ?? [])];
        for (const other of others) expect(all, name).toContain(other);
      }
    }
  });
});
