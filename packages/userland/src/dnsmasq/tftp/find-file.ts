import { KernelError, strerror } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import { TftpError } from '../../tftp/index.ts';
import type { Config } from '../config/index.ts';

const WORLD_READABLE = 0o004;

/** A file that is being sent: its name, and what was in it when it was asked for. */
export interface TftpFile {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Why a file is not sent. */
export class TftpRefusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The path of a file that a client asks for.
 * @param device where it asks
 * @param client its address
 */
export function filePath(
  proc: Process,
  { dhcp, flags }: Config,
  asked: string,
  device: string,
  client: string,
): string {
  const plain = asked.replaceAll('\\', '/');
  const file = flags.has('tftp-lowercase') ? plain.toLowerCase() : plain;
  const own = dhcp.tftpRoots.find((r) => r.device === device);
  const root = (own ?? dhcp.tftpRoots.find((r) => r.device === undefined))?.root;
  if (root === undefined) return file.startsWith('/') ? file : `/${file}`;
  let prefix = root.startsWith('/') ? root : `/${root}`;
  if (!prefix.endsWith('/')) prefix += '/';
  if (dhcp.tftpUniqueRoot && isDirectory(proc, `${prefix}${client}/`)) prefix += `${client}/`;
  if (!file.startsWith('/')) return prefix + file;
  return file.startsWith(prefix) ? file : prefix + file.slice(1);
}

function isDirectory({ fs }: Process, path: string): boolean {
  return fs.exists(path) && fs.stat(path).type === 'dir';
}

/**
 * Opens a file that may be read by all, or that is dnsmasq's own with --tftp-secure.
 * @param client as messages name it
 * @throws TftpRefusal check_tftp_fileperm()
 */
export function openFile(proc: Process, config: Config, name: string, client: string): TftpFile {
  const denied = new TftpRefusal(TftpError.access, `cannot access ${name}: Permission denied`);
  if (config.dhcp.tftpRoots.length > 0 && name.includes('/../')) throw denied;
  try {
    const { mode, uid } = proc.fs.stat(name);
    const barred =
      proc.uid === 0
        ? (mode & WORLD_READABLE) === 0
        : config.has('tftp-secure') && uid !== proc.uid;
    if (barred) throw denied;
    return { name, data: proc.fs.readFile(name) };
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    if (e.errno === 'EACCES') throw denied;
    if (e.errno === 'ENOENT')
      throw new TftpRefusal(TftpError.notFound, `file ${name} not found for ${client}`);
    throw new TftpRefusal(TftpError.other, `cannot read ${name}: ${strerror(e.errno)}`);
  }
}
