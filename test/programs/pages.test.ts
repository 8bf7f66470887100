import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianPackages } from '@labwire/userland/debian';
import type { ManualRow } from '@labwire/userland/machine';
import { describe, expect, it } from 'vitest';
import { TwoMachines } from '../netprograms/two-machines.ts';
import { programPages, programsOf } from './pages.ts';

const FOLDER = fileURLToPath(new URL('../../docs/programs', import.meta.url));

describe('docs/programs', () => {
  it('is what `npm run docs` writes', () => {
    const pages = programPages();
    expect(readdirSync(FOLDER).sort()).toEqual(pages.map((p) => p.file).sort());
    const stale = pages.filter((p) => readFileSync(join(FOLDER, p.file), 'utf8') !== p.text);
    expect(stale.map((p) => p.file)).toEqual([]);
  });
});

/** How programs answer an option that they do not have. */
const UNKNOWN =
  /(invalid|unrecognized|unknown|unsupported|bad) option|illegal option(?! .* with this command)|unknown arg|is unknown/i;
/** Programs whose letters and long names all are rows of the first section of their manual. */
const SAMPLE =
  'ping arping tracepath traceroute nc wget curl host socat tcpdump route netstat arp ss nstat brctl conntrack udhcpc ' +
  'iperf3 nft lsof virsh iptables ip6tables-save ebtables arptables vde_switch getent sysctl unshare nsenter grep sort ls uname ps';

const net = new TwoMachines();
const manuals = new Map(
  debianPackages.flatMap((pkg) =>
    programsOf(pkg).flatMap(({ names, program }) =>
      names.map((name) => [name, program.manual?.()[0]?.rows ?? []] as const),
    ),
  ),
);

/** What a program prints when it is typed with some words; it has a second, and nothing to read. */
async function typed(name: string, words: string): Promise<string> {
  return (await net.run(net.a, `timeout -s KILL 1 ${name} ${words}`)).output;
}

const isLetter = (name: string): boolean => /^-\w$/.test(name);

describe.each(SAMPLE.split(' '))('%s', (name) => {
  const rows: readonly ManualRow[] = manuals.get(name) ?? [];
  const typeable = rows.flatMap((row) =>
    row.names.filter((n) => isLetter(n) || n.startsWith('--')).map((n) => ({ ...row, n })),
  );

  it('knows every option that its page lists', async () => {
    expect(typeable.length).toBeGreaterThan(0);
    const unknown: string[] = [];
    for (const { n, arg } of typeable.filter((row) => row.refused !== true)) {
      const text = await typed(name, arg === undefined || arg.startsWith('[') ? n : `${n} 1`);
      if (UNKNOWN.test(text)) unknown.push(`${n}: ${text.split('\n')[0]}`);
    }
    expect(unknown).toEqual([]);
  });

  it('refuses what its page says is refused', async () => {
    const done: string[] = [];
    for (const { n, arg } of typeable.filter((row) => row.refused === true)) {
      const words = arg === undefined || arg.startsWith('[') ? n : `${n} 1`;
      const { exitCode } = await net.run(net.a, `timeout -s KILL 1 ${name} ${words}`);
      if (exitCode === 0) done.push(n);
    }
    expect(done).toEqual([]);
  });

  it('knows no letter that its page does not list', async () => {
    const letters = new Set(typeable.filter(({ n }) => isLetter(n)).map(({ n }) => n));
    const others = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']
      .map((c) => `-${c}`)
      .filter((n) => !letters.has(n));
    const taken: string[] = [];
    for (const n of [...others, ...(name === 'socat' ? [] : ['--no-such-option'])]) {
      const text = await typed(name, n);
      if (!UNKNOWN.test(text)) taken.push(`${n}: ${text.split('\n')[0]}`);
    }
    expect(taken).toEqual([]);
  });
});
