import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TwoMachines } from './two-machines.ts';

/** Captures of tcpdump's own test suite, with what it prints of them. */
const FILE = new URL('../../../shared/conformance/tcpdump/dev.jsonl', import.meta.url);

/** Rows that hold; grows as printers are added. */
const HOLDING = 23;

interface Row {
  readonly id: string;
  readonly pcap_b64: string;
  readonly args: string;
  readonly expected: string;
}

it.skipIf(!existsSync(FILE))(
  'prints the captures of the conformance set as tcpdump does',
  async () => {
    const net = new TwoMachines();
    const rows = readFileSync(FILE, 'utf8').trim().split('\n');
    const holding: string[] = [];
    for (const line of rows) {
      const row = JSON.parse(line) as Row;
      net.a.fs.writeFile('/tmp/p.pcap', new Uint8Array(Buffer.from(row.pcap_b64, 'base64')));
      const { output } = await net.run(net.a, `tcpdump ${row.args.replace('PCAP', '/tmp/p.pcap')}`);
      const text = output
        .replace(/^reading from file.*\n/, '')
        .replace(/^tcpdump: pcap_loop.*\n/m, '');
      if (text === row.expected) holding.push(row.id);
    }
    expect(holding.length).toBeGreaterThanOrEqual(HOLDING);
  },
);
