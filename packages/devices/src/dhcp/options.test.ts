import type { Ipv4Addr } from '@labwire/core/addr';
import { get32, put32 } from '@labwire/core/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOOTP_MIN_LEN,
  DHCP_COOKIE,
  DhcpMessage,
  DhcpOff,
  type DhcpOption,
  dhcpOption,
  optionsLength,
  readOptions,
  readRawDatagram,
  writeOptions,
  writeRawDatagram,
} from './index.ts';

const option = fc.record({
  code: fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52),
  data: fc.uint8Array({ maxLength: 255 }),
});

function messageOf(options: readonly DhcpOption[]): Uint8Array {
  const buf = new Uint8Array(Math.max(BOOTP_MIN_LEN, DhcpOff.options + optionsLength(options)));
  put32(buf, DhcpOff.cookie, DHCP_COOKIE | 0);
  writeOptions(buf, DhcpOff.options, options);
  return buf;
}

describe('DHCP messages', () => {
  it('give back the options that were written', () => {
    fc.assert(
      fc.property(fc.array(option, { maxLength: 20 }), (options) => {
        const read = readOptions(messageOf(options));
        expect(read.wellFormed).toBe(true);
        expect(read.options).toEqual(options);
        for (const { code } of options)
          expect(dhcpOption(messageOf(options), code)).toEqual(
            options.find((o) => o.code === code)?.data,
          );
      }),
    );
  });

  it('hold options in the file and server name fields where option 52 says so', () => {
    const buf = messageOf([{ code: 52, data: Uint8Array.of(3) }]);
    writeOptions(buf, DhcpOff.file, [{ code: 12, data: Uint8Array.of(97) }]);
    writeOptions(buf, DhcpOff.sname, [{ code: 15, data: Uint8Array.of(98) }]);
    expect(readOptions(buf).options.map((o) => o.code)).toEqual([52, 12, 15]);
    expect(dhcpOption(buf, 15)).toEqual(Uint8Array.of(98));
  });

  it('keep each field apart from the others', () => {
    const message = new DhcpMessage(new Uint8Array(BOOTP_MIN_LEN));
    const fields = ['ciaddr', 'yiaddr', 'siaddr', 'giaddr'] as const;
    for (const [i, field] of fields.entries()) message[field] = (i + 1) as Ipv4Addr;
    message.xid = 0xffff_fffe;
    expect(fields.map((f) => message[f])).toEqual([1, 2, 3, 4]);
    expect(message.xid).toBe(0xffff_fffe);
    expect(get32(message.buf, 16)).toBe(2);
  });

  it('are read without a throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 240, maxLength: 600 }), (bytes) => {
        for (const { data } of readOptions(bytes).options)
          expect(data.length).toBeLessThanOrEqual(255);
        for (const code of [1, 52, 53, 82, 255]) {
          const found = dhcpOption(bytes, code);
          if (found !== undefined) expect(found.buffer).toBe(bytes.buffer);
        }
      }),
    );
  });
});

describe('datagrams through a packet socket', () => {
  const flow = {
    saddr: 0x0a00_0001 as Ipv4Addr,
    daddr: -1 as Ipv4Addr,
    sport: 67,
    dport: 68,
  };
  const header = { tos: 0, ttl: 64, id: 0, fragOff: 0 };

  it('give back what was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (payload) => {
        const packet = writeRawDatagram(flow, header, payload);
        expect(readRawDatagram(packet)).toEqual({ ...flow, payload });
      }),
    );
  });

  it('are not taken with a changed byte', () => {
    fc.assert(
      fc.property(fc.nat({ max: 127 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const packet = writeRawDatagram(flow, header, new Uint8Array(100).fill(7));
        packet[at] = (packet[at] as number) ^ change;
        expect(readRawDatagram(packet)).toBeUndefined();
      }),
    );
  });
});
