import { generateUuid, parseUuid } from '../libvirt/base/index.ts';
import type { Connection } from '../libvirt/daemon/index.ts';
import type { Process } from '../machine/index.ts';
import type { Options } from './command-line.ts';
import { type Disk, readDisk } from './disk.ts';
import type { Guest } from './guest.ts';
import { type Nic, readNetwork } from './network.ts';
import { findOs, GENERIC, type OsInfo } from './os-list.ts';
import { checkSuboptions, parseSuboptions, readInt } from './suboptions.ts';
import { VirtInstallError } from './virt-install-error.ts';

/** What is said while options are read. */
export interface Talk {
  say(text: string): Promise<void>;
  warn(text: string): Promise<void>;
}

const OS_REQUIRED = `
--os-variant/--osinfo OS name is required, but no value was
set or detected.

This is now a fatal error. Specifying an OS name is required
for modern, performant, and secure virtual machine defaults.

You can see a full list of possible OS name values with:

   virt-install --osinfo list

If your Linux distro is not listed, try one of generic values
such as: linux2022, linux2020, linux2018, linux2016

If you just need to get the old behavior back, you can use:

  --osinfo detect=on,require=off

Or export VIRTINSTALL_OSINFO_DISABLE_REQUIRE=1
`;

/** What the options and what libvirt knows make of a guest. @throws VirtInstallError, LibvirtError */
export async function buildGuest(
  proc: Process,
  o: Options,
  connection: Connection,
  talk: Talk,
): Promise<Guest> {
  const named = readOs(o);
  const virtType = o.value('virt-type') ?? 'kvm';
  if (!['kvm', 'qemu'].includes(virtType))
    throw new VirtInstallError(
      `Host does not support domain type ${virtType} for virtualization type 'hvm' with architecture 'x86_64'`,
    );
  const media = installMedia(proc, o);
  const os = named ?? orGeneric(proc);
  const name = o.value('name') ?? (await defaultName(os, connection, talk));
  const sizes = readMemory(o) ?? (os.ram > 0 ? await defaultMemory(os, talk) : undefined);
  const cpus = readVcpus(o, os);
  const disks = await readDisks(proc, o, { name, os }, talk);
  const nics = readNics(proc, o, os);
  await checkOthers(o, connection, talk, { disks, nics });
  checkRequired(o, sizes !== undefined, disks !== undefined);
  if (o.has('pxe') && !mayPxe(nics))
    await talk.warn("The guest's network configuration may not support PXE");
  const metadata = parseSuboptions(o.value('metadata') ?? '', 'name');
  const given = parseUuid(o.value('uuid') ?? metadata.get('uuid') ?? '');
  const guest: Guest = {
    name,
    uuid: given ?? generateUuid(proc.machine.kernel.random),
    title: metadata.get('title'),
    description: o.value('description') ?? metadata.get('description'),
    os,
    virtType,
    ...(sizes ?? { memory: 0, maxMemory: 0 }),
    ...cpus,
    machine: o.value('machine'),
    disks: [...(disks ?? []), ...media],
    nics,
    graphics: readGraphics(o),
    boot: bootOrder(o, media.length > 0),
  };
  await warnOf(guest, talk);
  return guest;
}

/** Undefined: not said. */
function readOs(o: Options): OsInfo | undefined {
  const text = o.value('osinfo');
  if (text === undefined) return undefined;
  const parts = parseSuboptions(text, 'name');
  const name = parts.get('name') ?? parts.get('short-id');
  if (name === undefined || ['auto', 'none', 'detect'].includes(name))
    return parts.get('require') === 'off' || name === 'none' ? GENERIC : undefined;
  const os = findOs(name);
  if (os === undefined)
    throw new VirtInstallError(
      `Unknown OS name '${name}'. See \`--osinfo list\` for valid values.`,
    );
  return os;
}

function orGeneric(proc: Process): OsInfo {
  if (proc.env.get('VIRTINSTALL_OSINFO_DISABLE_REQUIRE') === '1') return GENERIC;
  throw new VirtInstallError(OS_REQUIRED);
}

/** The CD that `--cdrom` or `--location` names. */
function installMedia(proc: Process, o: Options): Disk[] {
  const location = o.value('location');
  const path = o.value('cdrom') ?? o.value('c') ?? location;
  if (path === undefined) return [];
  if (/^(https?|ftp|nfs):/.test(path))
    throw new VirtInstallError('Labwire installs from no server: give a local image by --cdrom');
  if (!proc.fs.exists(proc.path(path)))
    throw new VirtInstallError(
      `Validating install media '${path}' failed: Must specify storage creation parameters for non-existent path '${path}'.`,
    );
  return [{ device: 'cdrom', path: proc.path(path), made: false, bus: undefined, format: 'raw' }];
}

async function defaultName(os: OsInfo, connection: Connection, talk: Talk): Promise<string> {
  const generic = os === GENERIC;
  const taken = await connection.call((d) => d.domains.all().map((domain) => domain.name));
  for (let n = 1; ; n++) {
    const number = generic ? String(n) : `-${n}`;
    const name = `${generic ? 'vm' : os.name}${n === 1 && !generic ? '' : number}`;
    if (taken.includes(name)) continue;
    await talk.say(`Using default --name ${name}\n`);
    return name;
  }
}

type Sizes = Pick<Guest, 'memory' | 'maxMemory'>;

function readMemory(o: Options): Sizes | undefined {
  const text = o.value('memory') ?? o.value('ram');
  if (text === undefined) return undefined;
  const parts = parseSuboptions(text, 'memory');
  checkSuboptions('memory', parts, ['memory', 'maxmemory', 'currentMemory', 'hotplugmemorymax']);
  const word = (key: string) => {
    const value = parts.get(key);
    return value === undefined ? undefined : readInt('memory', text, value);
  };
  const memory = word('currentMemory') ?? word('memory') ?? word('maxmemory') ?? 0;
  return { memory, maxMemory: word('maxmemory') ?? word('memory') ?? memory };
}

async function defaultMemory(os: OsInfo, talk: Talk): Promise<Sizes> {
  await talk.say(`Using ${os.name} default --memory ${os.ram}\n`);
  return { memory: os.ram, maxMemory: os.ram };
}

function readVcpus(o: Options, os: OsInfo): Pick<Guest, 'vcpus' | 'maxVcpus'> {
  const text = o.value('vcpus');
  if (text === undefined) return { vcpus: os.cpus, maxVcpus: os.cpus };
  const parts = parseSuboptions(text, 'vcpu');
  const word = (key: string) => {
    const value = parts.get(key);
    return value === undefined ? undefined : readInt('vcpus', text, value);
  };
  const topology = (word('sockets') ?? 1) * (word('cores') ?? 1) * (word('threads') ?? 1);
  const vcpus = word('vcpu') ?? word('vcpus') ?? word('maxvcpus') ?? topology;
  return { vcpus: word('vcpu.current') ?? vcpus, maxVcpus: word('maxvcpus') ?? vcpus };
}

/** The disks; undefined: neither given nor known how large one should be. */
async function readDisks(
  proc: Process,
  o: Options,
  guest: { readonly name: string; readonly os: OsInfo },
  talk: Talk,
): Promise<Disk[] | undefined> {
  const { os, name } = guest;
  const sizes = o.all('file-size');
  const old = o
    .all('file')
    .map((f, i) => `path=${f}${sizes[i] === undefined ? '' : `,size=${sizes[i]}`}`);
  const texts = [...o.all('disk'), ...old];
  if (texts.length === 0 && !o.has('nodisks')) {
    if (os.storage === 0) return mayDoWithout(o) ? [] : undefined;
    await talk.say(`Using ${os.name} default --disk size=${os.storage}\n`);
    texts.push(`size=${os.storage}`);
  }
  return texts.filter((text) => text !== 'none').map((text) => readDisk(proc, text, name));
}

/** Ways to boot that need no disk. storage_specified() */
function mayDoWithout(o: Options): boolean {
  return o.has('pxe') || o.has('livecd') || o.has('cdrom') || o.has('filesystem');
}

function readNics(proc: Process, o: Options, os: OsInfo): Nic[] {
  const macs = o.all('mac');
  const old = o.all('bridge').map((b) => `bridge=${b}`);
  const texts = [...o.all('network'), ...old];
  if (texts.length === 0 && !o.has('nonetworks')) texts.push('default');
  return texts
    .map((text, i) => (macs[i] === undefined || text === 'none' ? text : `${text},mac=${macs[i]}`))
    .filter((text) => text !== 'none' && !o.has('nonetworks'))
    .map((text) => readNetwork(proc, text, os));
}

/** What `--check` turns off. */
function unchecked(o: Options, what: string): boolean {
  const parts = o.all('check').map((text) => parseSuboptions(text, 'all'));
  return o.has('force') || parts.some((p) => p.get(what) === 'off' || p.get('all') === 'off');
}

/** Refuses what belongs to another guest. validate_disk(), validate_mac() */
async function checkOthers(
  o: Options,
  connection: Connection,
  talk: Talk,
  own: { readonly disks: readonly Disk[] | undefined; readonly nics: readonly Nic[] },
): Promise<void> {
  const others = await connection.call((d) =>
    d.domains.all().map(({ name, def }) => ({
      name,
      files: def.all('disk').map((n) => n.child('source')?.attr('file')),
      macs: def.all('interface').map((n) => n.child('mac')?.attr('address')?.toLowerCase()),
    })),
  );
  const complain = async (text: string, check: string) => {
    if (unchecked(o, check)) return talk.warn(text);
    throw new VirtInstallError(`${text} (Use --check ${check}=off or --check all=off to override)`);
  };
  for (const { path } of own.disks ?? []) {
    const users = others.filter((other) => path !== undefined && other.files.includes(path));
    const names = users.map((u) => `'${u.name}'`).join(', ');
    if (users.length > 0)
      await complain(`Disk ${path} is already in use by other guests [${names}].`, 'path_in_use');
  }
  for (const { mac } of own.nics)
    if (others.some((other) => other.macs.includes(mac.toLowerCase())))
      await complain(
        `The MAC address '${mac}' is in use by another virtual machine.`,
        'mac_in_use',
      );
}

function checkRequired(o: Options, memory: boolean, storage: boolean): void {
  const missing = [
    ...(memory ? [] : ['\n--memory amount in MiB is required']),
    ...(storage ? [] : ['\n--disk storage must be specified (override with --disk none)']),
    ...(['import', 'pxe', 'cdrom', 'c', 'location', 'boot', 'livecd', 'install'].some((key) =>
      o.has(key),
    )
      ? []
      : [
          '\nAn install method must be specified\n(--location URL, --cdrom CD/ISO, --pxe, --import, --boot hd|cdrom|...)',
        ]),
  ];
  if (missing.length > 0) throw new VirtInstallError(missing.join(''));
}

function mayPxe(nics: readonly Nic[]): boolean {
  return nics.some((nic) => !['network', 'user'].includes(nic.type));
}

function readGraphics(o: Options): string | undefined {
  const text = o.value('graphics');
  if (text === undefined) return o.has('nographics') ? undefined : 'vnc';
  return text === 'none' || text.startsWith('none,') ? undefined : 'vnc';
}

function bootOrder(o: Options, media: boolean): Guest['boot'] {
  const devices = ['hd', 'cdrom', 'network', 'fd'];
  const words = (o.value('boot') ?? '').split(',').filter((word) => devices.includes(word));
  const after = words.length > 0 ? words : ['hd'];
  if (o.has('import')) return { install: [], after };
  if (media) return { install: ['cdrom', 'hd'], after };
  return { install: o.has('pxe') ? ['network'] : [], after };
}

async function warnOf({ os, memory }: Guest, talk: Talk): Promise<void> {
  if (os === GENERIC)
    await talk.warn(
      'Using --osinfo generic, VM performance may suffer. Specify an accurate OS for optimal results.',
    );
  if (memory < os.leastRam)
    await talk.warn(
      `Requested memory ${memory} MiB is less than the recommended ${os.leastRam} MiB for OS ${os.name}`,
    );
  else if (os.leastRam === 0 && memory < 17)
    await talk.warn(
      `Requested memory ${memory} MiB is abnormally low. Were you trying to specify GiB?`,
    );
}
