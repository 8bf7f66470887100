import type { OpenFile, Process } from '../../machine/index.ts';

/** Opens /dev/tcp/HOST/PORT and /dev/udp/HOST/PORT, which only the shell knows. @returns undefined for any other path */
export async function openNetworkFile(
  _proc: Process,
  _path: string,
): Promise<OpenFile | undefined> {
  return undefined;
}
