import { afterEach, describe, expect, it } from 'vitest';
import { TwoMachines } from './two-machines.ts';

const net = new TwoMachines();

/** What a shell on the first machine prints of a command. */
async function run(command: string): Promise<string> {
  return (await net.run(net.a, 'bash', { stdin: `${command}\n`, tty: false })).output;
}

afterEach(async () => {
  for (const table of ['filter', 'nat', 'mangle', 'raw'])
    await run(`printf '*${table}\\nCOMMIT\\n' | iptables-restore`);
});

/** Rules of every target, as iptables-save prints them. */
const SAVED = [
  ['filter', '-j REJECT --reject-with icmp-host-prohibited'],
  ['filter', '-p tcp -j REJECT --reject-with tcp-reset'],
  ['filter', '-j LOG --log-prefix "a \\"b\\": " --log-level 6 --log-tcp-options --log-uid'],
  ['filter', '-j NFLOG --nflog-prefix x --nflog-group 5 --nflog-size 0 --nflog-threshold 3'],
  ['filter', '-j NFQUEUE --queue-balance 0:5 --queue-bypass --queue-cpu-fanout'],
  ['mangle', '-j MARK --set-xmark 0x1/0x3'],
  ['mangle', '-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xff --right-shift-mark 4'],
  ['mangle', '-j TTL --ttl-dec 1'],
  ['mangle', '-j TOS --set-tos 0x10/0x3f'],
  ['mangle', '-j DSCP --set-dscp 0x2e'],
  ['mangle', '-p tcp -j ECN --ecn-tcp-ece 1 --ecn-ip-ect 2'],
  ['mangle', '-j CHECKSUM --checksum-fill'],
  ['mangle', '-j TRACE'],
  ['mangle', '-p tcp -j TCPOPTSTRIP --strip-options 2,3,19'],
  ['mangle', '-p tcp -j TCPMSS --set-mss 1400'],
  ['raw', '-j NOTRACK'],
  ['raw', '-p udp -j CT --notrack --helper tftp --ctevents new,destroy --zone-orig 7'],
  ['nat', '-p tcp -j DNAT --to-destination 10.0.0.9:1000-1010/8000 --random --persistent'],
  ['nat', '-p udp -j REDIRECT --to-ports 5-9 --random'],
  ['nat', '-j NETMAP --to 10.9.0.0/16'],
] as const;

describe('a target', () => {
  it.each(SAVED)('in %s is saved as it was given: %s', async (table, options) => {
    const chain = table === 'filter' ? 'INPUT' : 'PREROUTING';
    expect(await run(`iptables -t ${table} -A ${chain} ${options}`)).toBe('');
    expect(await run(`iptables -t ${table} -S ${chain} 1`)).toBe(`-A ${chain} ${options}\n`);
    expect(await run(`iptables -t ${table} -C ${chain} ${options}; echo $?`)).toBe('0\n');
    await run(`iptables-save > /tmp/rules; iptables-restore /tmp/rules`);
    expect(await run(`iptables -t ${table} -S ${chain} 1`)).toBe(`-A ${chain} ${options}\n`);
  });
});

describe('iptables-restore', () => {
  it('takes a table whole or not at all, and the tables before it', async () => {
    const input =
      '*nat\\n-A POSTROUTING -j MASQUERADE\\nCOMMIT\\n*filter\\n-A INPUT -j ACCEPT\\n-A INPUT -j TTL --ttl-set 1\\nCOMMIT\\n';
    expect(await run(`printf '${input}' | iptables-restore; echo $?`)).toBe(
      'iptables-restore v1.8.9 (nf_tables): \nline 6: RULE_APPEND failed (Invalid argument): rule in chain INPUT\n4\n',
    );
    expect(await run('iptables-save | grep ^-A')).toBe('-A POSTROUTING -j MASQUERADE\n');
  });

  it('takes thousands of lines at one instant', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `-A INPUT -s 10.0.${i >> 8}.${i & 255}\n`);
    const stdin = `*filter\n${lines.join('')}COMMIT\n`;
    const { output, exitCode } = await net.run(net.a, 'iptables-restore', { stdin, tty: false });
    expect([output, exitCode]).toEqual(['', 0]);
    expect(await run('iptables -S INPUT | wc -l')).toBe('5001\n');
  });

  it('only reads with --test', async () => {
    await run(
      "printf '*filter\\n:INPUT DROP\\n-A INPUT -j NOWHERE\\nCOMMIT\\n' | iptables-restore --test",
    );
    expect(await run('iptables-save')).toBe('');
  });

  it('leaves with -n what it does not name', async () => {
    await run(
      'iptables -N kept; iptables -A kept -j ACCEPT; iptables -N emptied; iptables -A emptied',
    );
    await run(
      "printf '*filter\\n:emptied -\\n-A emptied -j DROP\\nCOMMIT\\n' | iptables-restore -n",
    );
    expect(await run('iptables -S | grep ^-A')).toBe('-A emptied -j DROP\n-A kept -j ACCEPT\n');
  });
});

describe('base chains', () => {
  it('are listed before they are there, and a listing makes no table', async () => {
    expect(await run('iptables -t nat -S | head -1; iptables-save')).toBe('-P PREROUTING ACCEPT\n');
  });

  it('count what the policy decides from when it is set', async () => {
    await run('iptables -A INPUT -s 9.9.9.9 -j DROP; ping -c1 127.0.0.1');
    expect(await run('iptables -nvL INPUT | head -1')).toBe(
      'Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\n',
    );
    await run('iptables -P INPUT ACCEPT; ping -c1 127.0.0.1');
    expect(await run('iptables -nvL INPUT | head -1')).toBe(
      'Chain INPUT (policy ACCEPT 2 packets, 168 bytes)\n',
    );
  });
});

it('names what Labwire does not act on', async () => {
  expect(await run('iptables -t mangle -A PREROUTING -p udp -j TPROXY --on-port 5')).toBe(
    'iptables v1.8.9 (nf_tables):  RULE_APPEND failed (Operation not supported): rule in chain PREROUTING: Labwire does not act on target TPROXY\n',
  );
});

it('iptables-save names a table that it does not list, and goes on to the next command', async () => {
  await run('nft add table ip filter');
  await run("nft 'add chain ip filter INPUT { type filter hook input priority 0; }'");
  await run('nft add rule ip filter INPUT ip saddr 192.0.2.1 drop');
  expect(await run('iptables-save; echo "exit $?"')).toBe(
    "iptables-save v1.8.9 (nf_tables): Labwire does not list what nft has made in table `filter', use 'nft' tool.\nexit 1\n",
  );
  await run('nft delete table ip filter');
});
