import type { Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import type { Dhcp4Lease } from '../../network-config/index.ts';
import { formatKeyfile, type Profile, parseKeyfile } from '../profile/index.ts';
import type { NmDevice } from './device.ts';

const ETC = '/etc/NetworkManager/system-connections';
const RUN = '/run/NetworkManager/system-connections';

/** The profiles, and the files that they are kept in. src/core/settings */
export class ProfileStore {
  readonly #proc: Process;
  #profiles: Profile[] = [];
  #count = 0;
  readonly #leases = new Map<string, Ipv4Addr>();

  constructor(proc: Process) {
    this.#proc = proc;
    for (const dir of [ETC, RUN, '/var/lib/NetworkManager', '/run/NetworkManager/devices'])
      proc.fs.mkdir(dir, { recursive: true });
  }

  get profiles(): readonly Profile[] {
    return this.#profiles;
  }

  /** A random UUID, version 4. */
  newUuid(): string {
    const { random } = this.#proc.machine.kernel;
    const bytes = Array.from({ length: 16 }, () => random.below(256));
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    const hex = bytes.map((b) => b.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  /** Reads the files that there are; those that others may read too are left alone. */
  load(): void {
    for (const name of this.#proc.fs.readdir(ETC)) this.loadFile(`${ETC}/${name}`);
  }

  /** Reads one file. @returns whether it is a profile that may be used */
  loadFile(path: string): boolean {
    const { fs } = this.#proc;
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!name.endsWith('.nmconnection') || !path.startsWith(`${ETC}/`) || !fs.exists(path))
      return false;
    const stat = fs.stat(path);
    if (stat.uid !== 0 || (stat.mode & 0o077) !== 0) return false;
    const text = fs.readText(path);
    let parsed: Profile | undefined;
    try {
      parsed = parseKeyfile(text, name.replace(/\.nmconnection$/, ''), () => this.newUuid());
    } catch (e) {
      // a value that no property takes
      if (!(e instanceof Error) || e instanceof KernelError) throw e;
    }
    if (parsed === undefined) return false;
    const known = this.#profiles.find((p) => p.uuid === parsed.uuid || p.file === path);
    if (known !== undefined) {
      known.assign(parsed);
      known.file = path;
    } else {
      parsed.file = path;
      this.#enter(parsed);
    }
    return true;
  }

  /** Takes over what has changed in the files. */
  reload(): readonly Profile[] {
    const gone = this.#profiles.filter(
      (p) => p.file?.startsWith(ETC) === true && !this.#proc.fs.exists(p.file),
    );
    this.#profiles = this.#profiles.filter((p) => !gone.includes(p));
    this.load();
    return gone;
  }

  #enter(profile: Profile): void {
    profile.number = ++this.#count;
    this.#profiles.push(profile);
  }

  /** Adds a profile and writes its file. */
  add(profile: Profile): void {
    this.#enter(profile);
    let file = `${ETC}/${profile.id.replaceAll('/', '*')}.nmconnection`;
    if (this.#proc.fs.exists(file)) file = `${ETC}/${profile.id}-${profile.uuid}.nmconnection`;
    profile.file = file;
    this.#write(profile);
  }

  /** Adds a profile that NetworkManager has made itself. */
  addGenerated(profile: Profile): void {
    profile.generated = true;
    this.#enter(profile);
    profile.file = `${RUN}/${profile.id}.nmconnection`;
    profile.timestamp = Math.floor(this.#proc.machine.wallClock);
    this.#write(profile);
    if (!profile.external) profile.timestamp = 0;
  }

  /** Changes a profile; one that was made by itself is kept for good from now on. */
  update(profile: Profile, changed: Profile): void {
    profile.assign(changed);
    if (profile.generated) {
      this.#unlink(profile);
      profile.generated = false;
      profile.file = `${ETC}/${profile.id}.nmconnection`;
    }
    this.#write(profile);
  }

  remove(profile: Profile): void {
    this.#profiles = this.#profiles.filter((p) => p !== profile);
    this.#unlink(profile);
  }

  removeGenerated(profile: Profile): void {
    if (profile.external) this.remove(profile);
  }

  #unlink({ file }: Profile): void {
    if (file !== undefined && this.#proc.fs.exists(file)) this.#proc.fs.unlink(file);
  }

  #write(profile: Profile): void {
    const { fs } = this.#proc;
    const file = profile.file as string;
    fs.writeFile(file, formatKeyfile(profile), { mode: 0o600 });
    fs.chmod(file, 0o600);
  }

  /** A profile has become active. */
  used(profile: Profile): void {
    profile.timestamp = Math.floor(this.#proc.machine.wallClock);
  }

  /** Whether some profile is for such a NIC. have_connection_for_device() */
  hasFor(dev: NmDevice): boolean {
    return this.#profiles.some((p) => {
      if (p.type !== '802-3-ethernet') return false;
      const name = p.interfaceName;
      const mac = p.get('802-3-ethernet', 'mac-address');
      return (name === '' || name === dev.name) && (mac === '' || mac === dev.hwAddress);
    });
  }

  /** Profiles that may be activated by themselves, those that come first first. */
  byAutoconnect(): Profile[] {
    const priority = (p: Profile) => Number(p.get('connection', 'autoconnect-priority'));
    return this.#profiles
      .filter((p) => p.yes('connection', 'autoconnect') && !p.external)
      .sort((a, b) => priority(b) - priority(a) || b.timestamp - a.timestamp);
  }

  /** Remembers which address a profile had. */
  keepLease(profile: Profile, device: string, lease: Dhcp4Lease): void {
    this.#leases.set(`${profile.uuid} ${device}`, lease.address);
  }

  leaseOf(profile: Profile, device: string): Ipv4Addr | undefined {
    return this.#leases.get(`${profile.uuid} ${device}`);
  }
}
