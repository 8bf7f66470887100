import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtInLab, builtInLabNames, runCaptured } from '../kit/index.ts';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
if (!hasTshark) console.log('skipped: no tshark to read captures with');

const CHECKED = ['ip', 'tcp', 'udp', 'icmp'];
const WRONG = [
  '_ws.malformed',
  ...CHECKED.map((p) => `${p}.checksum.status == "Bad"`),
  'icmpv6.checksum.status == "Bad"',
  '_ws.expert.severity == "Error"',
].join(' || ');

/** What tshark takes datagrams for by a port that a lab uses for something else. */
const NOT_SPOKEN = ['--disable-protocol', 'tapa'];

/** What tshark prints of a capture. */
function tshark(file: string, ...args: readonly string[]): string {
  const checks = ['ip', 'tcp', 'udp'].flatMap((p) => ['-o', `${p}.check_checksum:TRUE`]);
  const run = spawnSync('tshark', ['-r', file, ...checks, ...NOT_SPOKEN, ...args], {
    encoding: 'utf8',
  });
  expect(run.status, run.stderr).toBe(0);
  return run.stdout;
}

describe.skipIf(!hasTshark).each(builtInLabNames())('captures of %s', (name) => {
  it('hold frames, none of them malformed, every checksum right', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
    try {
      const { captures } = await runCaptured(builtInLab(name));
      // a guest that is ended before it has booted sends nothing
      let lines = 0;
      for (const [machine, bytes] of captures) {
        const file = join(folder, `${machine}.pcapng`);
        writeFileSync(file, bytes);
        expect(tshark(file, '-Y', WRONG)).toBe('');
        lines += tshark(file).split('\n').length - 1;
      }
      expect(lines).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
