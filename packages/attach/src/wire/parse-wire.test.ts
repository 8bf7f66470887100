import { expect, it } from 'vitest';
import { parseAttachSpec } from '../attachment/index.ts';

it.each([
  ['host:tap0', 'host', 'tap0', 'tap:tap0'],
  ['host:tap0=tap:lab0', 'host', 'tap0', 'tap:lab0'],
  ['host:tap0=unix:/tmp/a=b.sock', 'host', 'tap0', 'unix:/tmp/a=b.sock'],
  ['vm:eth0=tcp:127.0.0.1:5000', 'vm', 'eth0', 'tcp:127.0.0.1:5000'],
  ['vm:eth0=udp:127.0.0.1:5000:5001', 'vm', 'eth0', 'udp:127.0.0.1:5000:5001'],
])('%s is a device of a machine and a place outside', (text, machine, dev, where) => {
  const spec = parseAttachSpec(text);
  expect([spec.machine, spec.dev, spec.wire.text]).toEqual([machine, dev, where]);
});

it.each([
  ['tap0', 'write MACHINE:DEV'],
  ['host:tap0=pipe:/tmp/x', 'write tap:NAME, macvtap:IF, unix:PATH'],
  ['host:tap0=unix:', 'write tap:NAME, macvtap:IF, unix:PATH'],
  [`host:tap0=unix:/tmp/${'ä'.repeat(52)}`, 'write a shorter one'],
  ['host:tap0=tcp:0.0.0.0:5000', 'write 127.0.0.1 for the host'],
  ['host:tap0=tcp:127.0.0.1:70000', 'no port'],
  ['host:tap0=tcp:127.0.0.1:', 'no port'],
])('%s is refused with what to write', (text, mend) => {
  expect(() => parseAttachSpec(text)).toThrow(mend);
});
