import { describe, expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';

const HOME = `world: home
machines: { host: { interfaces: { eth0: { link: home, addresses: [192.168.0.2/24], gateway: 192.168.0.1 } } } }`;

/** Starts a guest with one user-mode NIC and types commands. @returns what they print */
async function run(user: string, ...lines: readonly string[]): Promise<string[]> {
  const start = `$ qemu-system-x86_64 -name vm1 -netdev user,id=n0${user} -device virtio-net-pci,netdev=n0 -daemonize`;
  const text = `---\n${HOME}\n---\n${['```console may-fail', start, ...lines, '```', ''].join('\n')}`;
  const { commands, error } = await runLab(loadLab({ file: 'lab.md', text }));
  expect(error).toBeUndefined();
  return commands.slice(1).map((c) => c.output);
}

describe('a user-mode network', () => {
  it('gives the guest 10.0.2.15, a gateway and a name server, which answer pings with TTL 255', async () => {
    const [route, dns, neigh, host, silent] = await run(
      '',
      'vm1$ ip -4 -o addr show eth0; ip route',
      'vm1$ grep nameserver /etc/resolv.conf',
      'vm1$ ping -c 1 10.0.2.3 >/dev/null; ip neigh show 10.0.2.3',
      'vm1$ ping -c 1 10.0.2.2',
      'vm1$ ping -c 1 -W 1 10.0.2.4',
    );
    expect(route).toContain('inet 10.0.2.15/24');
    expect(route).toContain('default via 10.0.2.2 dev eth0');
    expect(dns).toBe('nameserver 10.0.2.3\n');
    expect(neigh).toContain('lladdr 52:55:0a:00:02:03');
    expect(host).toContain('ttl=255');
    expect(silent).toContain('100% packet loss');
  });

  it('lets the guest reach the internet and the host, as the host itself', async () => {
    const outputs = await run(
      '',
      '$ python3 -m http.server 8000 --bind 127.0.0.1 >/dev/null 2>&1 &',
      'vm1$ curl -s -o /dev/null -w "%{http_code}\\n" http://example.com/',
      'vm1$ curl -s -o /dev/null -w "%{http_code}\\n" http://10.0.2.2:8000/',
      'vm1$ curl -sS http://10.0.2.2:8001/',
      'vm1$ ping -c 1 8.8.8.8 | grep received',
      'vm1$ getent hosts example.com',
    );
    expect(outputs.slice(1, 3)).toEqual(['200\n', '200\n']);
    expect(outputs[3]).toContain("Couldn't connect to server");
    expect(outputs[4]).toContain('1 received');
    expect(outputs[5]).toContain('example.com');
  });

  it('forwards ports of the host, which are seen as listening, to the guest', async () => {
    const outputs = await run(
      ',hostfwd=tcp::8080-:80,hostfwd=udp::5000-:5000',
      '$ ss -Htln; ss -Huln | grep 5000',
      'vm1$ nginx',
      '$ curl -s -o /dev/null -w "%{http_code}\\n" http://127.0.0.1:8080/',
      'laptop$ curl -s -o /dev/null -w "%{http_code}\\n" http://192.168.0.2:8080/',
      'vm1$ cut -d" " -f1 /var/log/nginx/access.log',
      '$ qemu-system-x86_64 -display none -netdev user,id=u,hostfwd=tcp::8080-:80',
    );
    expect(outputs[0]).toContain('0.0.0.0:8080');
    expect(outputs[0]).toContain('0.0.0.0:5000');
    expect(outputs.slice(2, 5)).toEqual(['200\n', '200\n', '10.0.2.2\n192.168.0.10\n']);
    expect(outputs[5]).toContain("Could not set up host forwarding rule 'tcp::8080-:80'");
  });

  it('keeps a restricted guest to itself, but for what guestfwd names', async () => {
    const outputs = await run(
      ",restrict=on,guestfwd='tcp:10.0.2.100:80-cmd:sed s/a/b/'",
      'vm1$ echo banana | nc -N -w 2 10.0.2.100 80',
      'vm1$ curl -sS http://10.0.2.2:8000/',
      'vm1$ ip route show default',
    );
    expect(outputs[0]).toBe('bbnana\n');
    expect(outputs[1]).toContain("Couldn't connect to server");
    expect(outputs[2]).toBe('');
  });

  it('joins a character device, which is connected at the start, to all connections of guestfwd', async () => {
    const [refused, answer] = await run(
      '',
      '$ qemu-system-x86_64 -display none -netdev user,id=n,guestfwd=tcp:10.0.2.100:80-unix:/tmp/s',
      "$ socat UNIX-LISTEN:/tmp/s SYSTEM:'read x; echo got $x; cat' & sleep 1; qemu-system-x86_64 -name vm2 -netdev user,id=n,guestfwd=tcp:10.0.2.100:80-unix:/tmp/s -device e1000,netdev=n -daemonize; sleep 6",
      'vm2$ echo one | nc -w 1 10.0.2.100 80; echo two | nc -w 1 10.0.2.100 80',
    ).then((o) => [o[0], o[2]]);
    expect(refused).toContain("Failed to connect to '/tmp/s': No such file or directory");
    expect(refused).toContain("Could not open guest forwarding device 'guestfwd.tcp.80'");
    expect(answer).toBe('got one\ntwo\n');
  });

  it('serves files of the host by TFTP', async () => {
    const outputs = await run(
      ',tftp=/srv',
      '$ echo hello > /srv/f',
      "vm1$ printf '\\0\\1f\\0octet\\0' | socat -T 1 - udp4-datagram:10.0.2.2:69 | tail -c +5",
    );
    expect(outputs[1]).toBe('hello\n');
  });

  it('takes its addresses from net=, and carries a large page whole', async () => {
    const outputs = await run(
      ',net=172.20.0.0/16,dhcpstart=172.20.0.77',
      '$ head -c 3000000 /dev/urandom > /tmp/big; cd /tmp; python3 -m http.server 8000 >/dev/null 2>&1 &',
      'vm1$ ip -4 -o addr show eth0',
      'vm1$ curl -s http://172.20.0.2:8000/big | sha256sum',
      '$ sha256sum < /tmp/big',
    );
    expect(outputs[1]).toContain('inet 172.20.0.77/16');
    expect(outputs[2]).toBe(outputs[3]);
  });
});
