import type { DebPackage, Process } from '../machine/index.ts';
import { httpServer } from './http-server.ts';
import { jsonTool } from './json-tool.ts';

/** python3(1), of which only `-m http.server` and `-m json.tool` are here. */
async function python3(proc: Process): Promise<number> {
  const [first, module, ...args] = proc.argv.slice(1).filter((a) => a !== '-u');
  if (first === '-m' && module === 'http.server') return httpServer(proc, args);
  if (first === '-m' && module === 'json.tool') return jsonTool(proc, args);
  if (first === '--version' || first === '-V') {
    await proc.out('Python 3.11.2\n');
    return 0;
  }
  await proc.err(
    'python3: programs in Python are not supported here; there are python3 -m http.server [PORT] and python3 -m json.tool\n',
  );
  return 2;
}

/** The interpreter's name, for its web server and its JSON tool. */
export const python3Minimal: DebPackage = {
  name: 'python3-minimal',
  version: '3.11.2-1+b1',
  description: 'minimal subset of the Python language (default python3 version)',
  preinstalled: true,
  programs: { '/usr/bin/python3': python3 },
};
