import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandRecord, loadLab, runLab } from '@labwire/scenarios/lab';
import { describe, expect, it } from 'vitest';
import { readLab } from '../kit/index.ts';

/** What netplan 0.106 said to a configuration. */
interface Generated {
  readonly name: string;
  readonly yaml: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const recorded: Generated[] = JSON.parse(readFileSync(file('generate.linux.json'), 'utf8'));

async function outputs(lab: Parameters<typeof runLab>[0]): Promise<string[]> {
  const { commands } = await runLab(lab);
  return commands.map((c) => commandRecord(c).output);
}

/** All recorded configurations, each generated on one machine. */
function errorsLab(): string {
  const commands = recorded.map(({ yaml }) => {
    const escaped = yaml.replaceAll('\n', '\\n').replaceAll('\t', '\\t');
    return `host# printf '${escaped}' > /etc/netplan/01.yaml; netplan generate 2>&1 | sed -E 's/(generate):[0-9]+\\): WARNING \\*\\*: [0-9:.]+:/\\1:PID): WARNING **: TIME:/'`;
  });
  return `---\nmachines:\n  host: {}\n---\n\n\`\`\`console\nhost# apt-get install -y netplan.io >/dev/null; umask 077\n${commands.join('\n')}\n\`\`\`\n`;
}

describe('netplan generate', async () => {
  const [, ...said] = await outputs(loadLab({ file: 'generate.md', text: errorsLab() }));
  it.each(recorded.map((r, i) => [r.name, r, i] as const))('%s', (_name, { stderr }, i) => {
    expect(said[i]).toBe(stderr);
  });
});

describe('netplan apply', async () => {
  const said = await outputs(readLab(file('apply.md')));

  it('says nothing', () => {
    expect(said[3]).toBe('');
  });

  it("sets networkd's addresses and routes", () => {
    expect(said[5]?.split('\n')).toEqual([
      'default via 192.168.0.1 dev br0 proto dhcp src LEASE metric 100 ',
      '10.5.0.0/24 dev eth1 proto kernel scope link src 10.5.0.1 ',
      '10.6.0.0/24 dev vlan5 proto kernel scope link src 10.6.0.1 ',
      '10.9.0.0/16 via 10.5.0.2 dev eth1 proto static metric 50 ',
      '192.168.0.0/24 dev br0 proto kernel scope link src LEASE metric 100 ',
      '192.168.0.1 dev br0 proto dhcp scope link src LEASE metric 100 ',
      '',
    ]);
  });

  it('enslaves ports, writes name servers, sets the MTU', () => {
    expect(said.slice(6, 9)).toEqual([
      'master br0 state forwarding\n',
      'nameserver 8.8.8.8\nnameserver 192.168.0.1\nsearch lab\n',
      'mtu 1400\n',
    ]);
  });

  it('follows a setting that `set` has written to the file it came from', () => {
    expect(said[10]).toMatch(
      /^br0 +UP +192\.168\.0\.7\/24 \nnetwork:\n {2}version: 2\n {2}bridges:/,
    );
  });
});
