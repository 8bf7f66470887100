import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { labwire } from '../labwire.ts';

const folder = mkdtempSync(join(tmpdir(), 'nat-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RULES = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i eth1 -o ppp0 -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:OUT - [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i ppp0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.1.10:80
-A POSTROUTING -o ppp0 -j OUT
-A OUT -s 192.168.1.0/24 -j MASQUERADE
COMMIT
`;

async function run(
  text: string,
  ...words: string[]
): Promise<{ code: number; out: string; err: string }> {
  const file = join(folder, 'rules.save');
  writeFileSync(file, text);
  let [out, err] = ['', ''];
  const io = {
    out: (t: string) => {
      out += t;
    },
    err: (t: string) => {
      err += t;
    },
    colour: false,
  };
  const code = await labwire(['nat-check', file, ...words], io);
  return { code, out: out.replaceAll(`${folder}/`, ''), err: err.replaceAll(`${folder}/`, '') };
}

describe('labwire nat-check', () => {
  it('tells of each rule that translates, with its chain and devices', async () => {
    const { out, code } = await run(RULES, '--law', 'REQ-8', '--law', 'RFC 5382 REQ-3');
    expect(out).toContain('rules.save:12: DNAT, inside eth1, outside ppp0');
    expect(out).toContain('rules.save:14: MASQUERADE, inside eth1, outside ppp0');
    expect(out).toContain('✘ REQ-8     Whoever was written to gets in, from any of its ports');
    expect(out).toContain('– REQ-8: the rule does not translate UDP');
    expect(out).toMatch(/\n```console\n(inside|outside)# grep -cF /);
    expect(code).toBe(1);
  });

  it('says so where rules let nothing through', async () => {
    const closed = RULES.replace('-A FORWARD -i eth1 -o ppp0 -j ACCEPT\n', '');
    const { out, code } = await run(closed, '--law', 'RFC 4787 REQ-1', '--lan', 'eth1');
    expect(out).toContain('nothing of it gets through these rules');
    expect(code).toBe(0);
  });

  it('writes labs that fail as the requirement does', async () => {
    const labs = join(folder, 'labs');
    await run(RULES, '--law', 'RFC 4787 REQ-8', '--labs', labs);
    const [name = ''] = readdirSync(labs);
    expect(name).toBe('rfc-4787-req-8-line-14.md');
    expect(readFileSync(join(labs, name), 'utf8')).toContain(
      '-A OUT -s 192.168.1.0/24 -j MASQUERADE',
    );
    let out = '';
    const io = { out: (t: string) => void (out += t), err: () => {}, colour: false };
    expect(await labwire(['run', join(labs, name)], io)).toBe(1);
    expect(out).toContain('1 compared, 0 matched, 1 failed');
  });

  it('gives the router all of a pool, and hosts outside that a rule names', async () => {
    const pool = RULES.replace(
      '-j MASQUERADE',
      '-d 100.127.0.0/16 -j SNAT --to-source 198.51.100.1-198.51.100.254 --persistent',
    );
    const { out, code } = await run(pool, '--law', 'RFC 4787 REQ-6', '--law', 'RFC 4787 REQ-2');
    expect(out).toContain('✔ REQ-6     What a host sends keeps its mapping alive');
    expect(out).toContain('✔ REQ-2     One outer address');
    expect(code).toBe(0);
  });

  it('tries one half of a hairpin with the other', async () => {
    const half = '-A POSTROUTING -s 192.168.1.0/24 -d 192.168.1.10/32 -p tcp -j MASQUERADE\n';
    const hairpin = RULES.replace('-i ppp0 -p tcp', '-d 203.0.113.7/32 -p tcp').replace(
      '-A POST',
      `${half}-A POST`,
    );
    const { out } = await run(
      hairpin.replace('FORWARD DROP', 'FORWARD ACCEPT'),
      '--law',
      'RFC 5382 REQ-8',
    );
    expect(out).toContain('rules.save:12: DNAT, inside eth1, outside ppp0');
    expect(out).toMatch(/\n {2}✔ REQ-8 {5}A host inside reaches another one/);
    expect(out).toContain('– it translates what line 12 sends back inside, and is tried with that');
  });

  it.each([
    ['', 'rules.save: this file is empty; give what iptables-save prints'],
    ['*nat\n\0', 'rules.save:2: a binary file is no rule set; give what iptables-save prints'],
    [
      RULES.replace('-j MASQ', '-j MASK'),
      "rules.save:14: iptables-restore v1.8.9 (nf_tables): Chain 'MASKUERADE'",
    ],
    ['hello', 'rules.save:1: no table begins here'],
    [
      RULES.replace('--dport 8080', '--dport 80800'),
      'rules.save:12: iptables-restore v1.8.9 (nf_tables): invalid port/service "80800" specified',
    ],
    [RULES.replace(/COMMIT\n$/, ''), 'COMMIT expected at line'],
    ['*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n', 'rules.save: nothing is translated'],
  ])('refuses what it cannot use: %#', async (text, message) => {
    const { code, err } = await run(text);
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  it.each([
    [['--law', 'RFC 1'], '--law RFC 1: no such requirement'],
    [['--runs', '0'], '--runs 0: no number of tries'],
    [['--inside', 'lan'], '--inside lan: no network'],
  ])('refuses %j', async (words, message) => {
    const { code, err } = await run(RULES, ...words);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});
