import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { ConformanceHost } from '../conformance/host.ts';

/** A capture, and by filter which of its packets tcpdump 4.99.3 showed, or what it said. */
const golden = JSON.parse(
  readFileSync(new URL('golden/tcpdump-filters.json', import.meta.url), 'utf8'),
) as {
  readonly capture: string;
  readonly filters: Readonly<Record<string, readonly number[] | string>>;
};
/** The time of the first packet; each comes a second after the one before. */
const FIRST = 1_000_000_000;

const host = new ConformanceHost();

beforeAll(() => {
  host.machine.fs.writeFile('/tmp/f', new Uint8Array(Buffer.from(golden.capture, 'base64')));
  host.machine.fs.writeFile('/etc/resolv.conf', new Uint8Array(0));
});

it.each(Object.entries(golden.filters))(
  'takes from a file what tcpdump does for %s',
  async (filter, expected) => {
    const argv = ['tcpdump', '-n', '-tt', '-q', '-r', '/tmp/f', filter];
    const { out, err, code } = await host.run(host.freshNetns(), argv);
    const shown = [...out.matchAll(/^(\d{10})\.\d{6}/gm)].map((m) => Number(m[1]) - FIRST);
    const said = err.replace(/^reading from .*\n/, '').trim();
    expect(code === 0 ? shown : said).toEqual(expected);
  },
);
