import { type Errno, KernelError, strerror } from '@labwire/core/error';
import { type LinkInfo, linkAdd, linkDel, linkDump, linkSet } from '@labwire/devices/rtnetlink';
import type { Process } from '../machine/index.ts';
import { scanDouble, scanInt } from './number.ts';

/** Names longer than this are cut. IFNAMSIZ less the NUL */
const NAME_LENGTH = 15;
/** Users' times are hundredths of a second. USER_HZ */
const USER_HZ = 100;
const MICROSECONDS = 1_000_000;

const ON = ['on', 'yes', '1'];
const OFF = ['off', 'no', '0'];

/** A device by its name. */
export function linkOf(proc: Process, name: string): LinkInfo | undefined {
  const cut = name.slice(0, NAME_LENGTH);
  return linkDump(proc.netns).find((l) => l.name === cut);
}

/** Does what the kernel may refuse. @returns the errno, or undefined */
function attempt(change: () => void): Errno | undefined {
  try {
    change();
    return undefined;
  } catch (e) {
    if (e instanceof KernelError) return e.errno;
    throw e;
  }
}

/** Says what is wrong. @returns the exit status */
async function fail(proc: Process, text: string): Promise<number> {
  await proc.err(`${text}\n`);
  return 1;
}

function checkRoot(proc: Process): void {
  if (proc.uid !== 0) throw new KernelError('EPERM');
}

/** The bridge of a name. @throws {@link KernelError} ENODEV, EOPNOTSUPP */
function bridgeOf(proc: Process, name: string): LinkInfo {
  const link = linkOf(proc, name);
  if (link === undefined) throw new KernelError('ENODEV');
  if (link.kind !== 'bridge') throw new KernelError('EOPNOTSUPP');
  return link;
}

/** `brctl addbr`. SIOCBRADDBR */
export async function addBridge(proc: Process, [name = '']: readonly string[]): Promise<number> {
  const errno = attempt(() => {
    checkRoot(proc);
    linkAdd(proc.netns, { kind: 'bridge', name: name.slice(0, NAME_LENGTH) });
  });
  if (errno === undefined) return 0;
  if (errno === 'EEXIST')
    return fail(proc, `device ${name} already exists; can't create bridge with the same name`);
  return fail(proc, `add bridge failed: ${strerror(errno)}`);
}

/** `brctl delbr`. SIOCBRDELBR */
export async function deleteBridge(proc: Process, [name = '']: readonly string[]): Promise<number> {
  const errno = attempt(() => {
    checkRoot(proc);
    const link = linkOf(proc, name);
    if (link === undefined) throw new KernelError('ENXIO');
    if (link.kind !== 'bridge') throw new KernelError('EPERM');
    if ((link.flags & 1) !== 0) throw new KernelError('EBUSY');
    linkDel(proc.netns, link.ifindex);
  });
  if (errno === undefined) return 0;
  if (errno === 'ENXIO') return fail(proc, `bridge ${name} doesn't exist; can't delete it`);
  if (errno === 'EBUSY') return fail(proc, `bridge ${name} is still up; can't delete it`);
  return fail(proc, `can't delete bridge ${name}: ${strerror(errno)}`);
}

/** The words for a missing bridge or port. */
function missing(proc: Process, bridge: string, port: string): string {
  return linkOf(proc, port) === undefined
    ? `interface ${port} does not exist!`
    : `bridge ${bridge} does not exist!`;
}

/** Both ends of addif and delif. @throws {@link KernelError} ENODEV, EOPNOTSUPP, EPERM */
function bridgeAndPort(proc: Process, bridge: string, port: string): [LinkInfo, LinkInfo] {
  const link = linkOf(proc, port);
  if (link === undefined) throw new KernelError('ENODEV');
  const master = bridgeOf(proc, bridge);
  checkRoot(proc);
  return [master, link];
}

function addPort(proc: Process, bridge: string, port: string): string | undefined {
  const errno = attempt(() => {
    const [{ ifindex: master }, link] = bridgeAndPort(proc, bridge, port);
    if (link.kind === 'bridge') throw new KernelError('ELOOP');
    if (link.masterIfindex !== undefined) throw new KernelError('EBUSY');
    linkSet(proc.netns, link.ifindex, { master });
  });
  switch (errno) {
    case undefined:
      return undefined;
    case 'ENODEV':
      return missing(proc, bridge, port);
    case 'EBUSY':
      return `device ${port} is already a member of a bridge; can't add it to bridge ${bridge}.`;
    case 'ELOOP':
      return `device ${port} is a bridge device itself; can't add a bridge device to a bridge device.`;
    default:
      return `can't add ${port} to bridge ${bridge}: ${strerror(errno)}`;
  }
}

function deletePort(proc: Process, bridge: string, port: string): string | undefined {
  const errno = attempt(() => {
    const [{ ifindex: master }, link] = bridgeAndPort(proc, bridge, port);
    if (link.masterIfindex !== master) throw new KernelError('EINVAL');
    linkSet(proc.netns, link.ifindex, { master: 0 });
  });
  if (errno === undefined) return undefined;
  if (errno === 'ENODEV') return missing(proc, bridge, port);
  if (errno === 'EINVAL') return `device ${port} is not a port of ${bridge}`;
  return `can't delete ${port} from ${bridge}: ${strerror(errno)}`;
}

type PortChange = (proc: Process, bridge: string, port: string) => string | undefined;

/** One port after the other, until one is refused. */
/** A command of brctl, given what stands behind its name. */
type Action = (proc: Process, words: readonly string[]) => Promise<number>;

function eachPort(change: PortChange): Action {
  return async (proc, [bridge = '', ...ports]) => {
    for (const port of ports) {
      const error = change(proc, bridge, port);
      if (error !== undefined) return fail(proc, error);
    }
    return 0;
  };
}

/** `brctl addif`. SIOCBRADDIF */
export const addPorts: Action = eachPort(addPort);
/** `brctl delif`. SIOCBRDELIF */
export const deletePorts: Action = eachPort(deletePort);

function readSwitch(word: string): number | undefined {
  if (ON.includes(word)) return 1;
  return OFF.includes(word) ? 0 : undefined;
}

/** Changes an attribute of a bridge. @returns the errno, or undefined */
function changeBridge(proc: Process, name: string, attr: string, value: number): Errno | undefined {
  return attempt(() => {
    const { ifindex } = bridgeOf(proc, name);
    checkRoot(proc);
    linkSet(proc.netns, ifindex, { infoData: { [attr]: value } });
  });
}

/** Changes an attribute of a port, of whichever bridge it is one: what counts is the port's folder in sysfs. */
function changePort(proc: Process, name: string, attr: string, value: number): Errno | undefined {
  return attempt(() => {
    const link = linkOf(proc, name);
    if (link === undefined) throw new KernelError('ENODEV');
    if (link.slaveKind !== 'bridge') throw new KernelError('ENOENT');
    checkRoot(proc);
    linkSet(proc.netns, link.ifindex, { slaveData: { [attr]: value } });
  });
}

/** `brctl stp` */
export async function stp(
  proc: Process,
  [bridge = '', word = '']: readonly string[],
): Promise<number> {
  const on = readSwitch(word);
  if (on === undefined) return fail(proc, 'expect on/off for argument');
  const errno = changeBridge(proc, bridge, 'stp_state', on);
  return errno === undefined ? 0 : fail(proc, `set stp status failed: ${strerror(errno)}`);
}

/** `brctl hairpin` */
export async function hairpin(
  proc: Process,
  [bridge = '', port = '', word = '']: readonly string[],
): Promise<number> {
  const on = readSwitch(word);
  if (on === undefined) return fail(proc, 'expect on/off for argument');
  if (linkOf(proc, port) === undefined || linkOf(proc, bridge) === undefined)
    return fail(proc, missing(proc, bridge, port));
  const errno = changePort(proc, port, 'mode', on);
  if (errno === undefined) return 0;
  // Without the right to write to sysfs it asks by an old call that knows no such change.
  const shown = errno === 'EPERM' ? 'EOPNOTSUPP' : errno;
  return fail(proc, `can't set ${port} to hairpin on bridge ${bridge}: ${strerror(shown)}`);
}

/** `brctl setageing`, `setfd`, `sethello`, `setmaxage`: seconds, with a fraction. @param what as the messages name it */
export function setTime(attr: string, what: string) {
  return async (proc: Process, [bridge = '', text = '']: readonly string[]): Promise<number> => {
    const seconds = scanDouble(text);
    if (seconds === undefined) return fail(proc, `bad ${what} value`);
    const errno = changeBridge(proc, bridge, attr, toUserTicks(seconds));
    return errno === undefined ? 0 : fail(proc, `set ${what} failed: ${strerror(errno)}`);
  };
}

/** `__tv_to_jiffies()` */
function toUserTicks(seconds: number): number {
  return Math.trunc(Math.trunc(seconds * MICROSECONDS) / (MICROSECONDS / USER_HZ)) >>> 0;
}

/** `brctl setbridgeprio`: 16 bits of it count. */
export async function setBridgePriority(
  proc: Process,
  [bridge = '', text = '']: readonly string[],
): Promise<number> {
  const prio = scanInt(text);
  if (prio === undefined) return fail(proc, 'bad priority');
  const errno = changeBridge(proc, bridge, 'priority', prio & 0xffff);
  return errno === undefined ? 0 : fail(proc, `set bridge priority failed: ${strerror(errno)}`);
}

/** `brctl setpathcost`, `setportprio`. @param bad what is called bad in a wrong number @param what as the failure names it */
export function setPort(attr: string, bad: string, what: string) {
  return async (proc: Process, [, port = '', text = '']: readonly string[]): Promise<number> => {
    const value = scanInt(text);
    if (value === undefined) return fail(proc, `bad ${bad} value`);
    const errno = changePort(proc, port, attr, value >>> 0);
    return errno === undefined ? 0 : fail(proc, `set ${what} failed: ${strerror(errno)}`);
  };
}
