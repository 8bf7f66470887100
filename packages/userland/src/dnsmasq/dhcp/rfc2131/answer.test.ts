import { type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import { getU32, put32 } from '@labwire/core/bytes';
import { RandomStream } from '@labwire/core/sim';
import {
  DHCP_COOKIE,
  DHCPACK,
  DHCPDECLINE,
  DHCPDISCOVER,
  DHCPRELEASE,
  DHCPREQUEST,
  DhcpMessage,
  DhcpOff,
  DhcpOpt,
  type DhcpOption,
  dhcpOption,
  writeOptions,
} from '@labwire/devices/dhcp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Config, type DhcpRange } from '../../config/index.ts';
import { LeaseStore, leaseFileText, readLeaseFile } from '../lease/index.ts';
import { PingCache } from '../range/index.ts';
import { answer, renewalTimes, type ServerHost } from './index.ts';

const addr = (text: string) => parseIpv4(text) as Ipv4Addr;
const SERVER = addr('192.168.122.1');
const LEASE_TIME = 600;

function range(start: string, end: string): DhcpRange {
  return {
    start: addr(start),
    end: addr(end),
    kind: 'dynamic',
    leaseTime: LEASE_TIME,
    filter: [],
    tag: undefined,
    hasNetmask: false,
    hasBroadcast: false,
    netmask: addr('255.255.255.0'),
    broadcast: addr('192.168.122.255'),
    local: SERVER,
    router: SERVER,
    addrEpoch: 0,
  };
}

/** A server without a network, which can be started again from what its lease file says. */
class Server {
  now = 1_000_000;
  readonly #ranges: readonly DhcpRange[];
  readonly #config = new Config();
  #host: ServerHost;

  constructor(end: string, flags: readonly string[] = []) {
    this.#ranges = [range('192.168.122.2', end)];
    for (const flag of ['no-ping', ...flags]) this.#config.flags.add(flag);
    this.#host = this.#start('');
  }

  #start(file: string): ServerHost {
    const leases = new LeaseStore(1000, false, () => undefined);
    expect(readLeaseFile(leases, file, () => undefined)).toBe(true);
    return {
      config: this.#config,
      leases,
      pings: new PingCache(false),
      random: new RandomStream(1, 'dnsmasq'),
      now: () => this.now,
      log: () => undefined,
      domainOf: () => undefined,
      hostsName: () => undefined,
      hostsAddress: () => 0 as Ipv4Addr,
      isServed: (a) => a === SERVER,
    };
  }

  get leases(): readonly { readonly addr: unknown; readonly expires: number }[] {
    return this.#host.leases.leases;
  }

  restart(): void {
    this.#host = this.#start(leaseFileText(this.#host.leases));
  }

  take(data: Uint8Array): Uint8Array | undefined {
    this.#host.leases.prune(undefined, this.now);
    const steps = answer(this.#host, {
      data,
      device: 'virbr0',
      ifindex: 2,
      ranges: this.#ranges,
      fallback: SERVER,
      unicast: false,
      loopback: false,
    });
    let step = steps.next();
    while (step.done !== true) step = steps.next(false);
    return step.value?.data;
  }
}

function bytesOf(a: Ipv4Addr): Uint8Array {
  const out = new Uint8Array(4);
  put32(out, 0, a);
  return out;
}

function message(
  type: number,
  mac: readonly number[],
  options: readonly DhcpOption[] = [],
  ciaddr = 0 as Ipv4Addr,
): Uint8Array {
  const m = new DhcpMessage(new Uint8Array(400));
  m.op = 1;
  m.htype = 1;
  m.hlen = 6;
  m.xid = 7;
  m.ciaddr = ciaddr;
  m.buf.set(mac, DhcpOff.chaddr);
  put32(m.buf, DhcpOff.cookie, DHCP_COOKIE | 0);
  const kind = { code: DhcpOpt.messageType, data: Uint8Array.of(type) };
  writeOptions(m.buf, DhcpOff.options, [kind, ...options]);
  return m.buf;
}

const requested = (a: Ipv4Addr) => ({ code: DhcpOpt.requestedAddress, data: bytesOf(a) });
const toServer = { code: DhcpOpt.serverIdentifier, data: bytesOf(SERVER) };

/** A client by RFC 2131: what it was offered, and what it holds until when. */
class Client {
  readonly mac: readonly number[];
  offered: Ipv4Addr | undefined;
  held: { addr: Ipv4Addr; until: number } | undefined;

  constructor(number: number) {
    this.mac = [0x52, 0x54, 0, 0, 0, number];
  }

  next(action: string): Uint8Array | undefined {
    const { held, offered, mac } = this;
    if (action === 'discover') return message(DHCPDISCOVER, mac);
    if (action === 'select' && offered !== undefined)
      return message(DHCPREQUEST, mac, [requested(offered), toServer]);
    if (held === undefined) return undefined;
    if (action === 'reboot') return message(DHCPREQUEST, mac, [requested(held.addr)]);
    if (action === 'renew') return message(DHCPREQUEST, mac, [], held.addr);
    this.held = undefined;
    if (action === 'release') return message(DHCPRELEASE, mac, [toServer], held.addr);
    return message(DHCPDECLINE, mac, [requested(held.addr), toServer]);
  }

  hear(reply: Uint8Array, now: number): void {
    const m = new DhcpMessage(reply);
    const type = dhcpOption(reply, DhcpOpt.messageType)?.[0];
    const time = dhcpOption(reply, DhcpOpt.leaseTime);
    if (type === 2) this.offered = m.yiaddr;
    else if (type === DHCPACK && time !== undefined)
      this.held = { addr: m.yiaddr, until: now + getU32(time, 0) };
    else this.held = undefined;
  }
}

const step = fc.record({
  who: fc.nat({ max: 6 }),
  action: fc.constantFrom(
    ...['discover', 'discover', 'select', 'select', 'renew', 'reboot', 'release', 'decline'],
  ),
  lost: fc.constantFrom('', '', '', 'request', 'reply'),
  repeat: fc.boolean(),
  pause: fc.constantFrom(0, 0, 1, 60, 299, 600, 601),
  restart: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

describe('the DHCP server', () => {
  it.each([
    ['52:54:00:be:28:d3', '192.168.122.155'],
    ['52:54:00:80:84:3c', '192.168.122.167'],
  ])('offers %s the address that its hash gives: %s', (mac, expected) => {
    const bytes = mac.split(':').map((b) => Number.parseInt(b, 16));
    const reply = new Server('192.168.122.254').take(message(DHCPDISCOVER, bytes));
    expect(new DhcpMessage(reply as Uint8Array).yiaddr).toBe(addr(expected));
  });

  it.each([[[]], [['dhcp-sequential-ip']]])(
    'never lets two clients hold one address (%s)',
    (flags) => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
          const server = new Server('192.168.122.6', flags);
          const clients = Array.from({ length: 7 }, (_, i) => new Client(i));
          for (const { who, action, lost, repeat, pause, restart } of steps) {
            server.now += pause;
            if (restart) server.restart();
            const client = clients[who] as Client;
            if (client.held !== undefined && client.held.until <= server.now)
              client.held = undefined;
            const request = client.next(action);
            if (request === undefined || lost === 'request') continue;
            let reply = server.take(request);
            if (repeat) reply = server.take(request);
            if (reply !== undefined && lost !== 'reply') client.hear(reply, server.now);
            const held = clients.flatMap(({ held: h }) =>
              h !== undefined && h.until > server.now ? [h.addr] : [],
            );
            expect(new Set(held).size).toBe(held.length);
          }
        }),
        { numRuns: 300 },
      );
    },
  );

  it('honours a lease after it was started again', () => {
    const server = new Server('192.168.122.254');
    const client = new Client(1);
    for (const action of ['discover', 'select'])
      client.hear(server.take(client.next(action) as Uint8Array) as Uint8Array, server.now);
    const { addr: held, until } = client.held as { addr: Ipv4Addr; until: number };
    server.now += LEASE_TIME / 2;
    server.restart();
    expect(server.leases).toMatchObject([{ addr: held, expires: until }]);
    const reply = server.take(client.next('renew') as Uint8Array) as Uint8Array;
    expect(dhcpOption(reply, DhcpOpt.messageType)).toEqual(Uint8Array.of(DHCPACK));
    expect(new DhcpMessage(reply).yiaddr).toBe(held);
  });

  it('survives every message, however broken, and gives no address away to one', () => {
    const server = new Server('192.168.122.254');
    const good = [DHCPDISCOVER, DHCPREQUEST, DHCPDECLINE, DHCPRELEASE, 8].map((type) =>
      message(type, [2, 0, 0, 0, 0, 9], [requested(addr('192.168.122.9')), toServer]),
    );
    const mutated = fc
      .tuple(
        fc.constantFrom(...good),
        fc.array(fc.tuple(fc.nat({ max: 399 }), fc.nat({ max: 255 })), { maxLength: 12 }),
        fc.nat({ max: 400 }),
      )
      .map(([base, changes, cut]) => {
        const bytes = base.slice();
        for (const [at, value] of changes) bytes[at] = value;
        return bytes.subarray(0, cut < 240 ? 400 : cut);
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 600 })), (bytes) => {
        const before = server.leases.length;
        const reply = server.take(bytes);
        const type = reply === undefined ? undefined : dhcpOption(reply, DhcpOpt.messageType)?.[0];
        if (server.leases.length > before) expect(type).toBe(DHCPACK);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the times of a lease', () => {
  it('are half and seven eighths of it', () => {
    expect(renewalTimes(3600, undefined, undefined, 0)).toEqual([1800, 3150]);
    expect(renewalTimes(120, undefined, undefined, 0)).toEqual([60, 105]);
  });

  it('stay in order, before its end, whatever is set', () => {
    const time = fc.option(fc.nat({ max: 200_000 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.integer({ min: 120, max: 100_000 }),
        time,
        time,
        fc.nat({ max: 65_535 }),
        (lease, t1, t2, fuzz) => {
          const [renew, rebind] = renewalTimes(lease, t1, t2, fuzz);
          expect(renew).toBeGreaterThan(0);
          expect(rebind).toBeGreaterThan(renew);
          expect(lease).toBeGreaterThan(rebind);
        },
      ),
    );
  });
});
