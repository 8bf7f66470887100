import { MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { IFF_NO_PI, IFF_TAP, IFF_UP, IFF_VNET_HDR } from '@labwire/devices/link';
import { linkGet, linkSet } from '@labwire/devices/rtnetlink';
import { openTun, type Process } from '../machine/index.ts';
import { HELPER_FD } from './net/index.ts';

const USAGE = 'Usage: qemu-bridge-helper [--use-vnet] --br=bridge --fd=unixfd\n';
const ACL_FILE = '/etc/qemu/bridge.conf';
/** First byte of the tap's address: higher than any NIC's, so that the bridge does not take it for its own. */
const HIGH_BYTE = 0xfe;
const BYTE_5 = 2 ** 40;

/** A failure that is told before the helper exits with 1. */
class HelperError extends Error {}

/** qemu-bridge-helper: makes a tap in a bridge that /etc/qemu/bridge.conf allows. QEMU qemu-bridge-helper.c */
export async function bridgeHelper(proc: Process): Promise<number> {
  const args = proc.argv.slice(1);
  const value = (key: string) => args.find((a) => a.startsWith(`${key}=`))?.slice(key.length + 1);
  const bridge = value('--br');
  if (bridge === undefined || value('--fd') === undefined) {
    await proc.err(USAGE);
    return 1;
  }
  try {
    await checkAcl(proc, bridge);
    makePort(proc, bridge, args.includes('--use-vnet'));
    return 0;
  } catch (e) {
    if (!(e instanceof HelperError)) throw e;
    await proc.err(e.message);
    return 1;
  }
}

interface AclRule {
  readonly allow: boolean;
  readonly bridge: string;
}

/** A bridge must be allowed, by itself or with all, and not be denied. */
async function checkAcl(proc: Process, bridge: string): Promise<void> {
  const rules = await readAcl(proc, ACL_FILE);
  if (rules === undefined)
    throw new HelperError(`failed to parse default acl file \`${ACL_FILE}'\n`);
  const hits = rules.filter((r) => r.bridge === bridge || r.bridge === 'all');
  if (!hits.some((r) => r.allow) || hits.some((r) => !r.allow))
    throw new HelperError('access denied by acl file\n');
}

/** parse_acl_file() @returns undefined if it can't be read */
async function readAcl(proc: Process, path: string): Promise<AclRule[] | undefined> {
  const text = textOf(proc, path);
  if (text === undefined) return undefined;
  const rules: AclRule[] = [];
  for (const line of text.split('\n').map((l) => l.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [command = '', arg = ''] = line.split(/\s+(.*)/);
    if (arg === '') {
      await proc.err(`Invalid config line:\n  ${line}\n\n`); // the line's own end and another
      return undefined;
    }
    if (command === 'include') rules.push(...((await readAcl(proc, arg)) ?? []));
    else if (command === 'allow' || command === 'deny')
      rules.push({ allow: command === 'allow', bridge: arg });
    else {
      await proc.err(`Unknown command \`${command}'\n`);
      return undefined;
    }
  }
  return rules;
}

function textOf(proc: Process, path: string): string | undefined {
  try {
    return proc.fs.readText(path);
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  }
}

/** Makes the tap, gives it the bridge's MTU and a high address, puts it into the bridge and sets it up. */
function makePort(proc: Process, bridge: string, header: boolean): void {
  const { netns } = proc;
  const flags = IFF_TAP | IFF_NO_PI | (header ? IFF_VNET_HDR : 0);
  const { fd, tun } = openTun(proc);
  const name = attempt('create tun device', () => tun.setIff('tap%d', flags, proc));
  const index = (dev: string) => linkGet(netns, { name: dev }).ifindex;
  const mtu = attempt(`get mtu of bridge \`${bridge}'`, () => linkGet(netns, { name: bridge }).mtu);
  attempt(`set mtu of device \`${name}' to ${mtu}`, () => linkSet(netns, index(name), { mtu }));
  const addr = ((tun.device?.addr ?? MAC_ZERO) % BYTE_5) + HIGH_BYTE * BYTE_5;
  linkSet(netns, index(name), { addr: addr as MacAddr });
  attempt(`add interface \`${name}' to bridge \`${bridge}'`, () =>
    linkSet(netns, index(name), { master: index(bridge) }),
  );
  attempt(`bring up interface \`${name}'`, () => linkSet(netns, index(name), { setFlags: IFF_UP }));
  if (fd !== HELPER_FD) proc.setFd(HELPER_FD, proc.file(fd));
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (e) {
    if (e instanceof KernelError)
      throw new HelperError(`failed to ${what}: ${strerror(e.errno)}\n`);
    throw e;
  }
}
