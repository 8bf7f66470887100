import { SEC, Simulator } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import { loadLab, runLab, setUpMachines } from '../../lab/index.ts';
import { buildWorld } from '../index.ts';

const load = (text: string) => loadLab({ file: 'lab.md', text });

/** What each command of a plain document prints. */
async function typed(...commands: string[]): Promise<string[]> {
  const result = await runLab(
    load(`\`\`\`\n${commands.map((c) => `$ ${c}`).join('\n')}\n\`\`\`\n`),
  );
  expect(result.error).toBeUndefined();
  return result.commands.map((c) => c.output);
}

it('has a host on the LAN behind a router, and an internet that answers', async () => {
  const [route, home, far, hops] = await typed(
    'ip route',
    'ping -c 1 192.168.0.1',
    'ping -c 1 8.8.8.8',
    'traceroute -n -q 1 93.184.216.34 | cut -c1-18',
  );
  expect(route).toContain('default via 192.168.0.1 dev eth0');
  expect(home).toContain('1 received');
  expect(far).toMatch(/64 bytes from 8\.8\.8\.8: icmp_seq=1 ttl=61 time=[5-9]/);
  expect(
    hops
      ?.split('\n')
      .slice(1, -1)
      .map((l) => l.split(/ +/)[2]),
  ).toEqual(['192.168.0.1', '203.0.113.1', '198.51.100.1', '198.51.100.10', '93.184.216.34']);
});

it('shows a page for each site, its own for the router, and the public address to the rest of the world', async () => {
  const [site, admin, who] = await typed(
    'curl -s -H "Host: example.com" 93.184.216.34 | grep title',
    'curl -s 192.168.0.1 | grep title',
    'curl -s -H "Host: ifconfig.me" 34.160.111.145',
  );
  expect(site).toBe('<title>Example Domain</title>\n');
  expect(admin).toBe('<title>Home router</title>\n');
  expect(who).toBe('203.0.113.7\n');
});

it('has names for everything, and says so where there is none', async () => {
  const [site, own, back, hops, none] = await typed(
    'curl -s www.example.com | grep title',
    'ping -c 1 laptop | head -1',
    'getent hosts 8.8.8.8',
    'traceroute -q 1 example.com',
    'ping -c 1 no.such.name',
  );
  expect(site).toBe('<title>Example Domain</title>\n');
  expect(own).toContain('PING laptop.lan (192.168.0.10)');
  expect(back).toMatch(/^8\.8\.8\.8 +dns\.google\n$/);
  expect(hops).toContain(' 2  gateway.isp.example (203.0.113.1)  ');
  expect(none).toBe('ping: no.such.name: Name or service not known\n');
});

it('forwards a port of the public address to the host, from outside and from the LAN', async () => {
  const lab = load(
    '```\n$ nginx\nsites# curl -s 203.0.113.7:8080 | grep -c nginx\nlaptop# curl -s 203.0.113.7:8080 | grep -c nginx\nsites# curl -sS -m 1 203.0.113.7\n```\n',
  );
  const { commands } = await runLab(lab);
  expect(commands.slice(1, 3).map((c) => Number(c.output) > 0)).toEqual([true, true]);
  expect(commands[3]?.output).toContain('timed out');
});

it('gives addresses to machines that ask, the host its own', async () => {
  const lab = load(
    [
      '---',
      'world: home',
      'machines:',
      '  pc: { interfaces: { eth0: { link: home, mac: "02:18:ce:0d:00:02", dhcp: true } } }',
      '  guest: { interfaces: { eth0: { link: home, dhcp: true } } }',
      '---',
      '```',
      'pc$ ip -4 -br addr show eth0',
      'guest$ ip -4 -br addr show eth0',
      'guest$ ping -c 1 example.com',
      '```',
    ].join('\n'),
  );
  const { commands } = await runLab(lab);
  expect(commands[0]?.output).toContain(' 192.168.0.2/24');
  expect(commands[1]?.output).toMatch(/ 192\.168\.0\.1\d\d\/24/);
  expect(commands[2]?.output).toContain('1 received');
});

it('says which machine got no address', async () => {
  const lab = load(
    '---\nmachines: { pc: { interfaces: { eth0: { link: lan, dhcp: true } } } }\n---\n',
  );
  const notes: string[] = [];
  await runLab(lab, { listener: { onNote: (text) => notes.push(text) } });
  expect(notes).toEqual(['lab.md:2: eth0 of pc has got no address: no DHCP server answers']);
});

it('is not built before somebody sends into it, and stands still while nobody does', async () => {
  const lab = load('```\n$ true\n```\n');
  const sim = new Simulator();
  const world = buildWorld(sim, lab.config);
  await setUpMachines(lab, world, () => {});
  await sim.run(sim.now + 3600 * SEC);
  expect([...world.machines.keys()]).toEqual(['host']);
  const built: string[] = [];
  world.onMachine((m) => built.push(m.name));
  const run = world.machine('host')?.openTerminal('1').run('ping -c 1 192.168.0.1');
  await sim.run(sim.now + 10 * SEC, () => run?.done ?? true);
  expect(run?.exitCode).toBe(0);
  expect(built).toContain('router');
  await sim.run(sim.now + 3600 * SEC);
  expect(sim.pendingEvents).toBeLessThan(5);
});

it('is the same in every run', async () => {
  const commands = ['ping -c 2 1.1.1.1', 'ip neigh', 'curl -s 192.168.0.1'];
  expect(await typed(...commands)).toEqual(await typed(...commands));
});
