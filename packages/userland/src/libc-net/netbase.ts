import { utf8Encode } from '@labwire/core/bytes';
import type { DebPackage, FileSystem } from '../machine/index.ts';
import { protocolsFile, servicesFile } from './netbase-files.ts';

/** Contents by path, which all machines share; made with the first of them. */
let contents: ReadonlyMap<string, Uint8Array> | undefined;

function install(fs: FileSystem): void {
  contents ??= new Map([
    ['/etc/services', utf8Encode(servicesFile())],
    ['/etc/protocols', utf8Encode(protocolsFile())],
  ]);
  for (const [path, content] of contents) fs.layFile(path, content);
}

/** /etc/services and /etc/protocols. */
export const netbase: DebPackage = {
  name: 'netbase',
  version: '6.4',
  description: 'Basic TCP/IP networking system',
  preinstalled: true,
  programs: {},
  install,
};
