import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { MS, SEC, Simulator } from '@labwire/core/sim';
import { allocSkb } from '@labwire/core/skb';
import { describe, expect, it } from 'vitest';
import {
  IPS_ASSURED,
  IPS_CONFIRMED,
  type NfConn,
  ZONE_DIR_BOTH,
} from '../../../conntrack/nf-conn.ts';
import { TCP_CT_CLOSE } from '../../../conntrack/proto-tcp.ts';
import { invertTuple, type Tuple } from '../../../conntrack/tuple.ts';
import type { NetDevice } from '../../../link/index.ts';
import { Kernel } from '../../../netns/index.ts';
import type { Socket } from '../../../sock/socket.ts';
import type {
  ConnlimitMatch,
  OwnerMatch,
  RecentMatch,
  StringMatch,
  TimeMatch,
  U32Match,
} from '../match.ts';
import { XtPacket } from '../packet.ts';
import { connlimitMatcher } from './connlimit.ts';
import { ownerMatcher } from './owner.ts';
import { RecentTable, recentIsValid, recentMatcher } from './recent.ts';
import { statisticMatcher } from './statistic.ts';
import { stringMatcher } from './string.ts';
import { timeMatcher } from './time.ts';
import { u32Matcher } from './u32.ts';

const sim = new Simulator();
const netns = new Kernel(sim, 'host').newNetns();
const DEV = netns.loopback;

interface Given {
  readonly src?: number;
  readonly ttl?: number;
  readonly dport?: number;
  readonly payload?: string;
  readonly in?: NetDevice | null;
  readonly out?: NetDevice | null;
}

/** 10.0.0.`src` to 192.0.2.1, UDP from port 5000. */
function packet(g: Given = {}): XtPacket {
  const text = new TextEncoder().encode(g.payload ?? '');
  const len = 28 + text.length;
  const skb = allocSkb(len);
  skb.put(len);
  const addresses = [10, 0, 0, g.src ?? 1, 192, 0, 2, 1];
  const header = [0x45, 0, 0, len, 0, 0, 0, 0, g.ttl ?? 64, 17, 0, 0, ...addresses];
  const udp = [5000 >>> 8, 5000 & 255, 0, g.dport ?? 53, 0, 8 + text.length, 0, 0];
  skb.buf.set([...header, ...udp, ...text], skb.data);
  skb.nh = skb.data;
  const p = new XtPacket(netns, false);
  p.load(skb, 1, g.in === undefined ? DEV : g.in, g.out ?? null);
  return p;
}

const wait = (ns: number): void => sim.runEvents(sim.now + ns);
const times = <T>(n: number, f: () => T): T[] => Array.from({ length: n }, f);
const trues = (results: readonly boolean[]): number => results.filter((r) => r).length;

describe('recent', () => {
  const rule = (more: Partial<RecentMatch>): RecentMatch => ({
    kind: 'recent',
    action: 'rcheck',
    invert: false,
    name: 'L',
    side: 'source',
    mask: ipv4Mask(32),
    seconds: 0,
    hitcount: 0,
    reap: false,
    rttl: false,
    ...more,
  });
  /** Rules of one list, asked in turn. */
  const list = () => {
    const table = new RecentTable();
    return { table, rule: (more: Partial<RecentMatch>) => recentMatcher(rule(more), table) };
  };

  it('knows an address once it was set, and forgets it when it is removed', () => {
    const l = list();
    const [set, check, remove] = [
      l.rule({ action: 'set' }),
      l.rule({}),
      l.rule({ action: 'remove' }),
    ];
    expect([check(packet()), set(packet()), check(packet())]).toEqual([false, true, true]);
    expect(check(packet({ src: 2 }))).toBe(false);
    expect([remove(packet()), check(packet()), remove(packet())]).toEqual([true, false, false]);
  });

  it('counts what came in the last seconds', () => {
    const l = list();
    const set = l.rule({ action: 'set' });
    const check = l.rule({ seconds: 10, hitcount: 3 });
    set(packet());
    wait(6 * SEC);
    set(packet());
    expect(check(packet())).toBe(false);
    set(packet());
    expect(check(packet())).toBe(true);
    wait(5 * SEC);
    expect(check(packet())).toBe(false);
  });

  it('remembers as many packets as its rules ask for', () => {
    const l = list();
    const set = l.rule({ action: 'set' });
    const check = l.rule({ hitcount: 40 });
    for (let i = 0; i < 39; i++) set(packet());
    expect(check(packet())).toBe(false);
    set(packet());
    expect(check(packet())).toBe(true);
  });

  it('starts anew when a rule needs room for more', () => {
    const l = list();
    l.rule({ action: 'set' })(packet());
    l.rule({ hitcount: 20 });
    expect(l.table.entries.size).toBe(1);
    l.rule({ hitcount: 33 });
    expect(l.table.entries.size).toBe(0);
  });

  it('renews with --update what it finds, and with ! --update what was not seen enough', () => {
    for (const invert of [false, true]) {
      const l = list();
      l.rule({ action: 'set' })(packet());
      const update = l.rule({ action: 'update', seconds: 10, hitcount: 2, invert });
      const entry = [...l.table.entries.values()][0];
      expect(update(packet())).toBe(invert);
      expect(entry?.stamps.length).toBe(invert ? 2 : 1);
    }
  });

  it('asks with --rttl for the TTL that a packet had before it was passed on', () => {
    const l = list();
    l.rule({ action: 'set' })(packet({ ttl: 64 }));
    const check = l.rule({ rttl: true });
    expect([check(packet({ ttl: 64 })), check(packet({ ttl: 63 }))]).toEqual([true, false]);
    expect(check(packet({ ttl: 63, out: DEV }))).toBe(true);
    const own = packet({ ttl: 64, in: null, out: DEV });
    own.skb.sk = {} as Socket;
    expect(check(own)).toBe(true);
  });

  it('reaps the address that was seen first', () => {
    const l = list();
    const set = l.rule({ action: 'set' });
    set(packet({ src: 1 }));
    wait(20 * SEC);
    set(packet({ src: 2 }));
    l.rule({ seconds: 10, reap: true })(packet({ src: 2 }));
    expect([...l.table.entries.keys()]).toEqual([String(0x0a000002)]);
    expect(recentIsValid(rule({ reap: true }))).toBe(false);
  });

  it('keeps a hundred addresses', () => {
    const l = list();
    const set = l.rule({ action: 'set' });
    for (let src = 1; src <= 101; src++) set(packet({ src }));
    const check = l.rule({});
    expect([check(packet({ src: 1 })), check(packet({ src: 2 }))]).toEqual([false, true]);
  });
});

describe('connlimit', () => {
  const { conntrack } = netns.netfilter;
  let port = 1024;
  /** A new connection of 10.0.0.1, in the table once its packet has left. */
  const conn = (): NfConn => {
    const [src, dst] = [0x0a000001, 0xc0000201] as Ipv4Addr[] as [Ipv4Addr, Ipv4Addr];
    const orig = { src, dst, proto: 6, sport: port++, dport: 53 };
    const ct = conntrack.newConn(orig, invertTuple(orig) as Tuple, 0, ZONE_DIR_BOTH);
    ct.expires = sim.now + 60 * SEC;
    return ct;
  };
  const limit = (more: Partial<ConnlimitMatch> = {}) => {
    const all = { limit: 2, upto: false, mask: 32, side: 'source', ...more } as const;
    const m = connlimitMatcher({ kind: 'connlimit', ...all });
    /** What is said of a packet of a connection, which leaves or not. */
    return (ct: NfConn | null, { src = 1, leaves = true } = {}): boolean => {
      const p = packet({ src });
      p.skb.ct = ct;
      const said = m(p);
      if (leaves && ct !== null && (ct.status & IPS_CONFIRMED) === 0) conntrack.insert(ct);
      return said;
    };
  };
  const TICK = 4 * MS;

  it('counts connections, not packets', () => {
    const m = limit();
    const a = conn();
    const later = (ct: NfConn): boolean => {
      wait(TICK);
      return m(ct);
    };
    expect([m(a), later(a), later(a), later(conn()), later(conn())]).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it('counts within a tick each packet that begins a connection, and an open one once', () => {
    const m = limit();
    const a = conn();
    expect(times(4, () => m(a, { leaves: false }))).toEqual([false, false, true, true]);
    m(a); // in the table from now on
    expect(m(a)).toBe(true); // who is found first is not counted again, and none is forgotten
    const b = limit();
    expect(times(4, () => b(a))).toEqual([false, false, false, false]);
  });

  it('counts no assured connection that began unseen, and drops its packets when none is counted', () => {
    const m = connlimitMatcher({
      kind: 'connlimit',
      limit: 0,
      upto: false,
      mask: 32,
      side: 'source',
    });
    const say = (ct: NfConn): [said: boolean, dropped: boolean] => {
      const p = packet();
      p.skb.ct = ct;
      return [m(p), p.hotdrop];
    };
    const [a, b] = [conn(), conn()];
    for (const ct of [a, b]) conntrack.insert(ct);
    expect([say(a), say(b)]).toEqual([
      [true, false],
      [true, false],
    ]);
    for (const ct of [a, b]) ct.protoState = TCP_CT_CLOSE;
    wait(TICK);
    a.status |= IPS_ASSURED;
    expect(say(a)).toEqual([false, true]);
    expect([say(b), say(a)]).toEqual([
      [true, false],
      [true, false],
    ]);
  });

  it('counts them by network', () => {
    const [hosts, nets] = [limit(), limit({ mask: 24 })];
    for (const m of [hosts, nets]) times(2, () => m(conn()));
    expect([hosts(conn(), { src: 2 }), nets(conn(), { src: 2 })]).toEqual([false, true]);
  });

  it('forgets those that are over, a tick later', () => {
    const m = limit();
    const gone = conn();
    m(gone);
    m(conn());
    wait(TICK);
    gone.protoState = TCP_CT_CLOSE;
    expect([m(conn()), m(conn())]).toEqual([false, true]);
  });

  it('counts within a tick what was dropped, and forgets it later', () => {
    const m = limit();
    const refused = { leaves: false };
    expect(times(3, () => m(conn(), refused))).toEqual([false, false, true]);
    wait(TICK);
    expect(m(conn(), refused)).toBe(false);
  });

  it('can ask for at most so many', () => {
    const m = limit({ upto: true });
    expect(times(3, () => m(conn()))).toEqual([true, true, false]);
  });

  it('drops what can have no connection', () => {
    const m = connlimitMatcher({
      kind: 'connlimit',
      limit: 2,
      upto: false,
      mask: 32,
      side: 'source',
    });
    const p = packet();
    p.skb.buf[p.skb.nh + 6] = 0x20; // a later fragment
    p.skb.buf[p.skb.nh + 7] = 1;
    expect([m(p), p.hotdrop]).toEqual([false, true]);
  });
});

describe('u32', () => {
  const u32 = (tests: U32Match['tests'], invert = false) =>
    u32Matcher({ kind: 'u32', tests, invert })(packet({ payload: 'abcd' }));
  const only = (n: number) => [{ min: n, max: n }];

  it('reads a word and masks and shifts it', () => {
    // flags and offset 0, TTL 64, protocol 17
    const word = (op: '&' | '<<' | '>>', number: number, value: number) =>
      u32([{ offset: 6, location: [{ op, number }], values: only(value) }]);
    expect([word('>>', 8, 64), word('>>', 8, 65), word('>>', 32, 0)]).toEqual([true, false, true]);
    expect([word('&', 0xff, 17), word('&', 0xff00, 0x4000)]).toEqual([true, true]);
    expect([word('<<', 24, 0x1100_0000), word('<<', 27, 0x8800_0000)]).toEqual([true, true]);
    const location = [{ op: '&', number: 0xff }] as const;
    expect(u32([{ offset: 6, location, values: [...only(6), { min: 17, max: 18 }] }])).toBe(true);
  });

  it('goes on from a place that it has read', () => {
    // past the IP header by its own length, then past UDP's
    const header = [
      { op: '>>', number: 22 },
      { op: '&', number: 0x3c },
      { op: '@', number: 8 },
    ] as const;
    expect(u32([{ offset: 0, location: header, values: only(0x61626364) }])).toBe(true);
    expect(
      u32([
        {
          offset: 0,
          location: [...header, { op: '@', number: 0 }],
          values: [{ min: 0, max: 0xffff_ffff }],
        },
      ]),
    ).toBe(false);
  });

  it('wants every test to hold, within the packet', () => {
    const any = { location: [], values: [{ min: 0, max: 0xffff_ffff }] };
    expect(u32([{ ...any, offset: 28 }])).toBe(true);
    expect(u32([{ ...any, offset: 29 }])).toBe(false);
    expect(u32([{ ...any, offset: 29 }], true)).toBe(true);
    expect(
      u32([
        { ...any, offset: 0 },
        { ...any, offset: 28, values: only(1) },
      ]),
    ).toBe(false);
  });
});

describe('string', () => {
  const find = (pattern: string, more: Partial<StringMatch> = {}) =>
    stringMatcher({
      kind: 'string',
      algo: 'bm',
      from: 0,
      to: 65_535,
      pattern: new TextEncoder().encode(pattern),
      icase: false,
      invert: false,
      ...more,
    })(packet({ payload: 'GET /Index' }));

  it('finds a pattern anywhere in the packet', () => {
    expect([find('GET'), find('Index'), find('Indexx'), find('index')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([find('index', { icase: true }), find('GET', { invert: true })]).toEqual([true, false]);
  });

  it('looks only between two offsets of the packet', () => {
    expect([find('/', { from: 32 }), find('/', { from: 33 })]).toEqual([true, false]);
    expect([find('/', { to: 33 }), find('/', { to: 32 })]).toEqual([true, false]);
    expect([find('Index', { to: 38 }), find('Index', { to: 37 })]).toEqual([true, false]);
  });
});

describe('time', () => {
  const HOUR = 3600;
  const at = (iso: string, more: Partial<TimeMatch>) => {
    const m: TimeMatch = {
      kind: 'time',
      dateStart: 0,
      dateStop: 0xffff_ffff,
      daytimeStart: 0,
      daytimeStop: 24 * HOUR - 1,
      monthdays: 0,
      weekdays: 0,
      contiguous: false,
      localTz: false,
      ...more,
    };
    const now = Date.parse(`${iso}Z`) / 1000;
    return timeMatcher(m, () => now - Math.floor(sim.now / SEC))(packet());
  };

  it('knows the hours, also over midnight', () => {
    const office = { daytimeStart: 8 * HOUR, daytimeStop: 17 * HOUR };
    expect([at('2024-05-06T08:00:00', office), at('2024-05-06T07:59:59', office)]).toEqual([
      true,
      false,
    ]);
    expect([at('2024-05-06T17:00:00', office), at('2024-05-06T17:00:01', office)]).toEqual([
      true,
      false,
    ]);
    const night = { daytimeStart: 22 * HOUR, daytimeStop: 6 * HOUR };
    expect([
      at('2024-05-06T23:00:00', night),
      at('2024-05-06T05:00:00', night),
      at('2024-05-06T12:00:00', night),
    ]).toEqual([true, true, false]);
  });

  it('knows days of the week and of the month', () => {
    const monday = { weekdays: 1 << 1 };
    expect([at('2024-05-06T12:00:00', monday), at('2024-05-05T12:00:00', monday)]).toEqual([
      true,
      false,
    ]);
    const leapDay = { monthdays: 1 << 29 };
    expect([at('2024-02-29T12:00:00', leapDay), at('2023-03-01T12:00:00', leapDay)]).toEqual([
      true,
      false,
    ]);
  });

  it('counts with --contiguous the morning to the evening before', () => {
    const night = { weekdays: 1 << 1, daytimeStart: 22 * HOUR, daytimeStop: 6 * HOUR };
    expect([at('2024-05-07T03:00:00', night), at('2024-05-06T03:00:00', night)]).toEqual([
      false,
      true,
    ]);
    const whole = { ...night, contiguous: true };
    expect([at('2024-05-07T03:00:00', whole), at('2024-05-06T03:00:00', whole)]).toEqual([
      true,
      false,
    ]);
  });

  it('begins and ends', () => {
    const year = { dateStart: Date.UTC(2024, 0) / 1000, dateStop: Date.UTC(2025, 0) / 1000 };
    expect([
      at('2024-06-01T00:00:00', year),
      at('2023-12-31T23:59:59', year),
      at('2025-01-01T00:00:01', year),
    ]).toEqual([true, false, false]);
  });
});

describe('statistic', () => {
  it('takes every nth packet, counted from the one named', () => {
    const nth = (packetNo: number, invert = false) => {
      const m = statisticMatcher({
        kind: 'statistic',
        mode: 'nth',
        probability: 0,
        every: 3,
        packet: packetNo,
        invert,
      });
      return times(6, () => m(packet()));
    };
    expect(nth(0)).toEqual([true, false, false, true, false, false]);
    expect(nth(2)).toEqual([false, false, true, false, false, true]);
    expect(nth(0, true)).toEqual([false, true, true, false, true, true]);
  });

  it('takes a share of the packets', () => {
    const share = (probability: number, invert = false) => {
      const m = statisticMatcher({
        kind: 'statistic',
        mode: 'random',
        probability: probability * 2 ** 31,
        every: 0,
        packet: 0,
        invert,
      });
      return trues(times(2000, () => m(packet())));
    };
    expect([share(0), share(1), share(0, true)]).toEqual([0, 2000, 2000]);
    expect(Math.abs(share(0.25) - 500)).toBeLessThan(80);
  });
});

describe('owner', () => {
  const owner = (more: Partial<OwnerMatch>) =>
    ownerMatcher({ kind: 'owner', supplGroups: false, ...more });
  const of = (uid: number | null): XtPacket => {
    const p = packet({ in: null, out: DEV });
    p.skb.sk = uid === null ? null : ({ uid } as Socket);
    return p;
  };

  it('asks who made a packet', () => {
    const m = owner({ uid: { min: 1000, max: 1001, invert: false } });
    expect([999, 1000, 1001, 1002, null].map((uid) => m(of(uid)))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    const not = owner({ uid: { min: 1000, max: 1001, invert: true } });
    expect([999, 1000, null].map((uid) => not(of(uid)))).toEqual([true, false, true]);
  });

  it('asks whether anybody has', () => {
    const exists = owner({ socketExists: { invert: false } });
    expect([exists(of(0)), exists(of(null))]).toEqual([true, false]);
    const none = owner({ socketExists: { invert: true } });
    expect([none(of(0)), none(of(null))]).toEqual([false, true]);
  });
});
