import { beforeAll, expect, it } from 'vitest';
import { TwoMachines } from './two-machines.ts';

const net = new TwoMachines();

beforeAll(async () => {
  expect((await net.run(net.b, 'nginx')).output).toBe('');
});

it('shows the whole conversation under -v', async () => {
  const { output } = await net.run(net.a, 'curl -sv -o /dev/null http://10.0.0.2/');
  expect(output).toBe(
    `*   Trying 10.0.0.2:80...
* Connected to 10.0.0.2 (10.0.0.2) port 80 (#0)
> GET / HTTP/1.1\r
> Host: 10.0.0.2\r
> User-Agent: curl/7.88.1\r
> Accept: */*\r
> \r
< HTTP/1.1 200 OK\r
< Server: nginx/1.22.1\r
< Date: Thu, 01 Jan 2026 00:00:00 GMT\r
< Content-Type: text/html\r
< Content-Length: 615\r
< Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r
< Connection: keep-alive\r
< ETag: "6955b900-267"\r
< Accept-Ranges: bytes\r
< \r
{ [615 bytes data]
* Connection #0 to host 10.0.0.2 left intact
`,
  );
});

it.each([
  [
    'http://10.0.0.2:81/',
    7,
    "Failed to connect to 10.0.0.2 port 81 after 0 ms: Couldn't connect to server",
  ],
  [
    'http://10.9.9.9/',
    7,
    "Failed to connect to 10.9.9.9 port 80 after 0 ms: Couldn't connect to server",
  ],
  ['http://nosuch.example/', 6, 'Could not resolve host: nosuch.example'],
  ['foo://10.0.0.2/', 1, 'Protocol "foo" not supported or disabled in libcurl'],
  ['http:///', 3, 'URL using bad/illegal format or missing URL'],
  ['-f http://10.0.0.2/x', 22, 'The requested URL returned error: 404'],
  ['-o /nodir/x http://10.0.0.2/', 23, 'Failure writing output to destination'],
  [
    '--interface 9.9.9.9 http://10.0.0.2/',
    45,
    'bind failed with errno 99: Cannot assign requested address',
  ],
  ['--interface eth9 http://10.0.0.2/', 45, "Couldn't bind to 'eth9'"],
])('curl -sS %s fails with %i', async (args, code, message) => {
  const { output, exitCode } = await net.run(net.a, `curl -sS ${args}`);
  expect(output).toBe(`curl: (${code}) ${message}\n`);
  expect(exitCode).toBe(code);
});

it('tells what was transferred', async () => {
  const format =
    '%{http_code} %{size_download} %{content_type} %{url_effective} %{remote_ip}:%{remote_port} %{num_connects} %{exitcode} %{size_header} %{size_request}\\n';
  const { output } = await net.run(net.a, `curl -s -o /dev/null -w '${format}' 10.0.0.2`);
  expect(output).toBe('200 615 text/html http://10.0.0.2/ 10.0.0.2:80 1 0 238 72\n');
});

it('uses one connection for two URLs', async () => {
  const { output } = await net.run(
    net.a,
    "curl -s -o /dev/null -w '%{num_connects} ' 10.0.0.2 10.0.0.2/x -o /dev/null",
  );
  expect(output).toBe('1 0 ');
});

it('gives up after the time that -m allows', async () => {
  const listener = net.start(net.b, 'nc -lk 8007');
  await net.pass(0.1);
  const { output, exitCode } = await net.run(net.a, 'curl -sS -m 1 http://10.0.0.2:8007/');
  expect(output).toBe(
    'curl: (28) Operation timed out after 1000 milliseconds with 0 bytes received\n',
  );
  expect(exitCode).toBe(28);
  listener.proc.kill(15);
});

it('says when the server closes without an answer', async () => {
  const server = net.start(net.b, 'nc -lN 8002');
  await net.pass(0.1);
  const { output, exitCode } = await net.run(net.a, 'curl -sS http://10.0.0.2:8002/');
  expect([output, exitCode]).toEqual(['curl: (52) Empty reply from server\n', 52]);
  await net.pass(0.1);
  expect(server.exitCode).toBe(0);
});

it('says when an answer is cut off', async () => {
  net.start(net.b, 'nc -lN 8003', { stdin: 'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nhi\n' });
  await net.pass(0.1);
  const { output, exitCode } = await net.run(net.a, 'curl -sS http://10.0.0.2:8003/');
  expect(output).toBe('hi\ncurl: (18) transfer closed with 27 bytes remaining to read\n');
  expect(exitCode).toBe(18);
});

it('shows the progress of a transfer into a file', async () => {
  const { output } = await net.run(net.a, 'curl -o /tmp/page http://10.0.0.2/');
  expect(output).toMatch(
    /^ {2}% Total {4}% Received % Xferd {2}Average Speed {3}Time {4}Time {5}Time {2}Current\n {33}Dload {2}Upload {3}Total {3}Spent {4}Left {2}Speed\n\r {2}0 {5}0 {4}0 {5}0 {4}0 {5}0 {6}0 {6}0 --:--:-- --:--:-- --:--:-- {5}0\r100 {3}615 {2}100 {3}615 {4}0 {5}0 .{6} {6}0 --:--:-- --:--:-- --:--:-- .{5}\n$/,
  );
  expect(net.a.fs.readText('/tmp/page')).toContain('Welcome to nginx!');
});

it('python3 -m http.server serves a directory and logs', async () => {
  net.b.fs.mkdir('/srv/d/sub', { recursive: true });
  net.b.fs.writeFile('/srv/d/a.txt', 'hello\n');
  const server = net.start(net.b, 'python3 -m http.server 8200 -d /srv/d');
  await net.pass(0.1);
  expect((await net.run(net.a, 'curl -s http://10.0.0.2:8200/a.txt')).output).toBe('hello\n');
  expect((await net.run(net.a, 'curl -s http://10.0.0.2:8200/')).output).toContain(
    '<ul>\n<li><a href="a.txt">a.txt</a></li>\n<li><a href="sub/">sub/</a></li>\n</ul>',
  );
  const missing = await net.run(
    net.a,
    "curl -s -o /dev/null -w '%{http_code}' http://10.0.0.2:8200/x",
  );
  expect(missing.output).toBe('404');
  server.proc.kill(2);
  await net.pass(0.1);
  const log = server.output.replace(/\[[^\]]*\]/g, '[T]');
  expect(log).toBe(`Serving HTTP on 0.0.0.0 port 8200 (http://0.0.0.0:8200/) ...
10.0.0.1 - - [T] "GET /a.txt HTTP/1.1" 200 -
10.0.0.1 - - [T] "GET / HTTP/1.1" 200 -
10.0.0.1 - - [T] code 404, message File not found
10.0.0.1 - - [T] "GET /x HTTP/1.1" 404 -

Keyboard interrupt received, exiting.
`);
  expect(server.exitCode).toBe(0);
});
