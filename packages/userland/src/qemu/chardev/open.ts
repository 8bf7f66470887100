import type { Process } from '../../machine/index.ts';
import { type Chardev, NullChardev, StdioChardev } from './chardev.ts';
import { SocketChardev } from './socket-chardev.ts';
import type { CharSpec } from './spec.ts';

/** Opens a character device; one that waits for somebody does so here. @param where the option, for messages. @throws QemuError */
export async function openChardev(
  proc: Process,
  program: string,
  id: string,
  spec: CharSpec,
  where: string,
): Promise<Chardev> {
  if (spec.kind === 'stdio') return new StdioChardev(proc, id);
  if (spec.kind === 'null') return new NullChardev(id);
  const dev = await SocketChardev.open(proc, id, spec, where);
  await dev.waitForPeer((text) => proc.err(`${program}: ${where}: info: ${text}\n`));
  return dev;
}
