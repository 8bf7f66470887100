import { type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import type { Socket } from '@labwire/devices/sock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequest, TftpOp, texts, word } from '../../tftp/index.ts';
import { Transfer } from './transfer.ts';

const peer = { addr: parseIpv4('10.0.0.2') as Ipv4Addr, port: 2000 };
const noSocket = undefined as unknown as Socket;

/** What a client has that loses some packets, and acknowledges some twice. */
function receiveAll(
  data: Uint8Array,
  mode: 'octet' | 'netascii',
  blockSize: number,
  losses: readonly boolean[],
): Uint8Array {
  const options = [['blksize', String(blockSize)]] as const;
  const request = { file: 'f', netascii: mode === 'netascii', options };
  const transfer = new Transfer(noSocket, peer, { name: 'f', data }, request, 0);
  transfer.negotiate(request, 1500, true);
  const got: number[] = [];
  let next = 0;
  for (let turn = 0; turn < 20_000; turn++) {
    const packet = transfer.step();
    if (packet === 'sent') return Uint8Array.from(got);
    if (packet === 'failed') throw new Error('given up');
    if (losses[turn] === true && losses[turn - 1] !== true) continue;
    const block = word(packet, 0) === TftpOp.oack ? 0 : word(packet, 2);
    if (block === next) {
      if (word(packet, 0) === TftpOp.data) got.push(...packet.subarray(4));
      next = (next + 1) & 0xffff;
    }
    transfer.acknowledge(block, 0);
    transfer.acknowledge(block, 0);
  }
  throw new Error('no end');
}

describe('a transfer by TFTP', () => {
  const losses = fc.array(fc.boolean(), { maxLength: 200 });
  const size = fc.integer({ min: 8, max: 64 });

  it('brings the whole file, whatever is lost or comes twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), size, losses, (data, blockSize, lost) => {
        expect(receiveAll(data, 'octet', blockSize, lost)).toEqual(data);
      }),
    );
  });

  it('turns line ends into CR LF in netascii, also between two blocks', () => {
    const line = fc.constantFrom(10, 10, 65, 66);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 300 }), size, losses, (bytes, blockSize, lost) => {
        const expected = bytes.flatMap((b) => (b === 10 ? [13, 10] : [b]));
        const got = receiveAll(Uint8Array.from(bytes), 'netascii', blockSize, lost);
        expect([...got]).toEqual(expected);
      }),
    );
  });

  it('reads every request without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const request = readRequest(bytes);
        if (request !== undefined) expect(texts(bytes, 2).length).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});
