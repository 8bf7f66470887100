import { beforeAll, expect, it } from 'vitest';
import { TwoMachines } from './two-machines.ts';

const net = new TwoMachines();

beforeAll(async () => {
  await net.run(net.b, 'nginx');
});

it('nc carries text from one machine to the other', async () => {
  const server = net.start(net.b, 'nc -lvn 9000');
  await net.pass(0.1);
  const client = await net.run(net.a, 'nc -Nv 10.0.0.2 9000', { stdin: 'hello\n' });
  await net.pass(0.1);
  expect(client.output).toBe('Connection to 10.0.0.2 9000 port [tcp/*] succeeded!\n');
  expect(server.output).toMatch(
    /^Listening on 0\.0\.0\.0 9000\nConnection received on 10\.0\.0\.1 \d+\nhello\n$/,
  );
  expect(server.exitCode).toBe(0);
});

it.each([
  ['-vz 10.0.0.2 80', 'Connection to 10.0.0.2 80 port [tcp/http] succeeded!\n', 0],
  ['-vz 10.0.0.2 81', 'nc: connect to 10.0.0.2 port 81 (tcp) failed: Connection refused\n', 1],
  ['-vz 10.9.9.9 80', 'nc: connect to 10.9.9.9 port 80 (tcp) failed: Network is unreachable\n', 1],
  ['-vz -w 5 10.0.0.77 80', 'nc: connect to 10.0.0.77 port 80 (tcp) failed: No route to host\n', 1],
  [
    '-vz -w 1 10.0.0.77 80',
    'nc: connect to 10.0.0.77 port 80 (tcp) timed out: Operation now in progress\n',
    1,
  ],
  ['-vzu -w 1 10.0.0.2 53', '', 1],
  ['-l 9.9.9.9 80', 'nc: Cannot assign requested address\n', 1],
  ['-l', 'nc: missing port number\n', 1],
  ['-vz 10.0.0.2 nosuchservice', 'nc: port number invalid: nosuchservice\n', 1],
  ['-w -1 10.0.0.2 80', 'nc: timeout too small: -1\n', 1],
])('nc %s', async (args, output, exitCode) => {
  const run = await net.run(net.a, `nc ${args}`);
  expect([run.output, run.exitCode]).toEqual([output, exitCode]);
});

it('nc sends datagrams', async () => {
  const server = net.start(net.b, 'nc -lu 9004');
  await net.pass(0.1);
  expect((await net.run(net.a, 'nc -u -w 1 10.0.0.2 9004', { stdin: 'datagram\n' })).exitCode).toBe(
    0,
  );
  expect(server.output).toBe('datagram\n');
  server.proc.kill(15);
});

it('socat relays to a file, once for each connection', async () => {
  net.start(net.b, 'socat -u TCP4-LISTEN:9003,reuseaddr,fork OPEN:/tmp/third.txt,creat,append');
  await net.pass(0.1);
  await net.run(net.a, 'socat - TCP:10.0.0.2:9003', { stdin: 'one\n' });
  await net.run(net.a, 'socat - TCP:10.0.0.2:9003,sourceport=40000', { stdin: 'two\n' });
  await net.pass(1);
  expect(net.b.fs.readText('/tmp/third.txt')).toBe('one\ntwo\n');
});

it.each([
  ['- TCP:10.0.0.2:81', 'connect(5, AF=2 10.0.0.2:81, 16): Connection refused'],
  ['TCP-LISTEN:9003 STDOUT', 'bind(5, {AF=2 0.0.0.0:9003}, 16): Address already in use'],
  ['- FOO:1', 'unknown device/address "FOO"'],
  ['- TCP:10.0.0.2', 'TCP: wrong number of parameters (1 instead of 2)'],
  ['- TCP:10.0.0.2:80,foo=1', 'parseopts_table(): unknown option "foo"'],
])('socat %s is refused', async (args, message) => {
  const { output, exitCode } = await net.run(
    net.b,
    `socat ${args.replace('10.0.0.2', '127.0.0.1')}`,
  );
  expect(output.replace(/^\S+ \S+ socat\[\d+\] E /, '')).toBe(
    `${message.replace('10.0.0.2', '127.0.0.1')}\n`,
  );
  expect(exitCode).toBe(1);
});

it('socat runs a program for a connection', async () => {
  net.start(net.b, "socat TCP-LISTEN:9010,fork EXEC:'cat'");
  await net.pass(0.1);
  expect((await net.run(net.a, 'socat - TCP:10.0.0.2:9010', { stdin: 'echo\n' })).output).toBe(
    'echo\n',
  );
});

it('telnet says what it does', async () => {
  expect((await net.run(net.a, 'telnet 10.0.0.2 81')).output).toBe(
    'Trying 10.0.0.2...\ntelnet: Unable to connect to remote host: Connection refused\n',
  );
  const page = await net.run(net.a, 'telnet 10.0.0.2 80', { stdin: 'GET / HTTP/1.0\n\n' });
  expect(page.output).toMatch(
    /^Trying 10\.0\.0\.2\.\.\.\nConnected to 10\.0\.0\.2\.\nEscape character is '\^\]'\.\n/,
  );
});

it('wget saves a page and tells of it', async () => {
  const { output, exitCode } = await net.run(net.a, 'wget -P /tmp http://10.0.0.2/');
  expect(exitCode).toBe(0);
  expect(output).toMatch(
    /^--2026-01-01 00:\d\d:\d\d-- {2}http:\/\/10\.0\.0\.2\/\nConnecting to 10\.0\.0\.2:80\.\.\. connected\.\nHTTP request sent, awaiting response\.\.\. 200 OK\nLength: 615 \[text\/html\]\nSaving to: '\/tmp\/index\.html'\n\n/,
  );
  expect(output).toMatch(/ - '\/tmp\/index\.html' saved \[615\/615\]\n\n$/);
  expect((await net.run(net.a, 'wget -qO- http://10.0.0.2/nope')).exitCode).toBe(8);
});

it('traceroute reaches a neighbour in one hop', async () => {
  for (const method of ['', '-I', '-T']) {
    const { output } = await net.run(net.a, `traceroute -n ${method} 10.0.0.2`);
    expect(output).toMatch(
      /^traceroute to 10\.0\.0\.2 \(10\.0\.0\.2\), 30 hops max, 60 byte packets\n 1 {2}10\.0\.0\.2( {2}\d\.\d{3} ms){3}\n$/,
    );
  }
});

it('traceroute shows stars for who does not answer', async () => {
  const { output } = await net.run(net.a, 'traceroute -n -q 2 -m 1 -w 1 10.0.0.77');
  expect(output).toMatch(/\n 1 {2}\* \*\n$/);
  expect((await net.run(net.a, 'traceroute -n 10.9.9.9')).output).toBe(
    'traceroute to 10.9.9.9 (10.9.9.9), 30 hops max, 60 byte packets\nconnect: Network is unreachable\n',
  );
});
