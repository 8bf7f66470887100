import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { TwoMachines } from './two-machines.ts';

/** What the real nginx 1.22 answered to the same requests with the same files. */
const golden = (name: string) =>
  readFileSync(fileURLToPath(new URL(`golden/${name}`, import.meta.url)), 'utf8');

const net = new TwoMachines();

function layOut(): void {
  const { fs } = net.b;
  for (const dir of ['/srv/www/dir/zz', '/srv/www/sub']) fs.mkdir(dir, { recursive: true });
  const long = 'a long name & stuff that is really quite long to be cut off ok.txt';
  fs.writeFile('/srv/www/a.txt', 'hello\n');
  fs.writeFile('/srv/www/x.json', '{}\n');
  fs.writeFile('/srv/www/sub/index.html', 'sub\n');
  fs.writeFile(`/srv/www/dir/${long}`, 'data\n');
  fs.writeFile('/srv/www/dir/big', new Uint8Array(123_456));
  fs.writeFile('/srv/www/404.html', 'custom\n');
  fs.writeFile('/srv/site.conf', golden('site.conf'));
}

async function answer(path: string): Promise<string> {
  const { output } = await net.run(
    net.b,
    `curl -sS -i --path-as-is 'http://127.0.0.1:8100${path}'`,
  );
  const lines = output.split('\n').map((line) => line.replace(/\r$/, ''));
  return lines.filter((line) => !line.startsWith('Date')).join('\n');
}

beforeAll(async () => {
  layOut();
  const { output } = await net.run(net.b, 'nginx -c /srv/site.conf');
  expect(output).toBe('');
});

const recorded = golden('responses.txt').split(/^=== /m).slice(1);

it.each(
  recorded.filter((r) => r.startsWith('/')).map((r) => [r.slice(0, r.indexOf('\n')), r] as const),
)('answers %s as nginx does', async (path, expected) => {
  const ours = await answer(path);
  expect(`${path}\n${ours}`.trimEnd()).toBe(expected.trimEnd());
});

it.each(recorded.filter((r) => r.startsWith('host ')).map((r) => r.slice(5).trim().split('\n')))(
  'chooses the server of %s',
  async (host, expected) => {
    const { output } = await net.run(net.b, `curl -s -H 'Host: ${host}' http://127.0.0.1:8103/`);
    expect(output).toBe(expected);
  },
);

it('writes the error log that nginx wrote', () => {
  const ours = net.b.fs.readText('/srv/err.log').replace(/^\S+ \S+ \[error\] [\d#]+: /gm, '');
  expect(ours).toBe(golden('errors.txt'));
});

it('writes the access log that nginx wrote', () => {
  const cut = net.b.fs.readText('/srv/access.log').replace(/ \[[^\]]*\]/g, '');
  expect(cut).toBe(golden('access.txt'));
});

it('stops when told to, and can be started again', async () => {
  const stopped = await net.run(net.b, 'nginx -c /srv/site.conf -s quit');
  expect(stopped.output).toMatch(/ \[notice\] \d+#\d+: signal process started\n$/);
  await net.pass(1);
  expect(net.b.fs.exists('/srv/nginx.pid')).toBe(false);
  const refused = await net.run(net.b, 'curl -sS http://127.0.0.1:8100/');
  expect(refused.output).toBe(
    "curl: (7) Failed to connect to 127.0.0.1 port 8100 after 0 ms: Couldn't connect to server\n",
  );
  expect(refused.exitCode).toBe(7);
  expect((await net.run(net.b, 'nginx -c /srv/site.conf')).output).toBe('');
});

it('says that an address is in use, five times, and gives up', async () => {
  const { output, exitCode } = await net.run(
    net.b,
    "nginx -c /srv/site.conf -g 'pid /srv/other.pid;'",
  );
  expect(exitCode).toBe(1);
  expect(output).toMatch(/"pid" directive is duplicate/);
  net.b.fs.writeFile(
    '/srv/clash.conf',
    'pid /srv/o.pid; error_log /srv/e2; events {} http { access_log off; server { listen 8100; } }',
  );
  const clash = await net.run(net.b, 'nginx -c /srv/clash.conf');
  expect(clash.output).toBe(
    `${'nginx: [emerg] bind() to 0.0.0.0:8100 failed (98: Address already in use)\n'.repeat(5)}nginx: [emerg] still could not bind()\n`,
  );
  expect(clash.exitCode).toBe(1);
});
