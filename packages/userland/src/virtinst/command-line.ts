import type { Manual } from '../machine/index.ts';
import { UsageError } from './virt-install-error.ts';

/** How many words an option takes: none, one, or one if it does not look like an option. */
type Arity = 'none' | 'one' | 'maybe';

interface OptionDef {
  /** As argparse names it in complaints: `-n/--name`. */
  readonly shown: string;
  readonly key: string;
  readonly arity: Arity;
}

/** Options by arity, in the order in which virt-install adds them. The last long name is the key. */
const DEFS: Readonly<Record<Arity, string>> = {
  one: `--connect -n/--name --memory -r/--ram --vcpus --cpu --cpuset --metadata --xml -u/--uuid
    --description -c --cdrom -l/--location -x/--extra-args --initrd-inject --install --reinstall
    --boot --idmap --init --os-type --os-variant/--osinfo --disk -w/--network --graphics
    --controller --input --serial --parallel --channel --console --hostdev --filesystem --soundhw --audio
    --watchdog --video --smartcard --redirdev --memballoon --tpm --rng --panic --shmem --memdev --vsock
    --iommu -f/--file -s/--file-size -b/--bridge -m/--mac --vncport --vnclisten -k/--keymap
    --iothreads --seclabel/--security --keywrap --cputune --numatune --memtune --blkiotune
    --memorybacking --features --clock --pm --events --resource --sysinfo --qemu-commandline
    --launchSecurity --virt-type --arch --machine --check --autoconsole`,
  none: `-h/--help --version --pxe --import --livecd --check-cpu --nonsparse --nodisks --nonetworks
    --vnc --sdl --nographics -v/--hvm -p/--paravirt --container --accelerate --noapic --noacpi
    --autostart --transient --destroy-on-exit --noautoconsole --noreboot --dry-run -q/--quiet
    -d/--debug --prompt --force`,
  maybe: '--unattended --cloud-init --sound --wait --print-xml',
};

function define(): Map<string, OptionDef> {
  const byName = new Map<string, OptionDef>();
  for (const [arity, text] of Object.entries(DEFS) as [Arity, string][])
    for (const shown of text.split(/\s+/)) {
      const names = shown.split('/');
      const key = (names.at(-1) as string).replace(/^-+/, '');
      for (const name of names) byName.set(name, { shown, key, arity });
    }
  return byName;
}

const OPTIONS: ReadonlyMap<string, OptionDef> = define();

/** What virt-install can be told. */
export function virtInstallManual(): Manual {
  const shown = new Map([...OPTIONS.values()].map((option) => [option.shown, option]));
  const rows = [...shown.values()].map((option) => ({
    names: option.shown.split('/'),
    ...(option.arity === 'none' ? {} : { arg: option.arity === 'one' ? 'VALUE' : '[VALUE]' }),
  }));
  return [{ title: 'Options', rows }];
}

/** What the command line says. */
export class Options {
  readonly #values = new Map<string, string[]>();

  add(key: string, value: string): void {
    this.#values.set(key, [...this.all(key), value]);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** The last value. */
  value(key: string): string | undefined {
    return this.#values.get(key)?.at(-1);
  }

  all(key: string): readonly string[] {
    return this.#values.get(key) ?? [];
  }
}

/** The option that a long name or the beginning of one means. */
function findLong(name: string): OptionDef | undefined {
  const exact = OPTIONS.get(name);
  if (exact !== undefined) return exact;
  const names = [...OPTIONS.keys()].filter((n) => n.startsWith(name));
  if (names.length > 1)
    throw new UsageError(`ambiguous option: ${name} could match ${names.join(', ')}`);
  return OPTIONS.get(names[0] ?? '');
}

/** An option at the beginning of a word, with what the word itself gives it. */
function readWord(word: string): { def: OptionDef; value: string | undefined } | undefined {
  const equals = word.indexOf('=');
  const long = word.startsWith('--');
  const name = long ? word.slice(0, equals < 0 ? undefined : equals) : word.slice(0, 2);
  const def = long ? findLong(name) : OPTIONS.get(name);
  if (def === undefined) return undefined;
  if (long) return { def, value: equals < 0 ? undefined : word.slice(equals + 1) };
  return { def, value: word.length > 2 ? word.slice(2) : undefined };
}

const isOption = (word: string): boolean => word.startsWith('-') && word.length > 1;

/** Reads virt-install's command line as Python's argparse does. @throws UsageError */
export function parseCommandLine(args: readonly string[]): Options {
  const options = new Options();
  const unknown: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    const found = isOption(word) ? readWord(word) : undefined;
    if (found === undefined) {
      unknown.push(word);
      continue;
    }
    const { def } = found;
    let { value } = found;
    const next = args[i + 1];
    if (value === undefined && def.arity !== 'none' && next !== undefined && !isOption(next)) {
      value = next;
      i++;
    }
    if (value === undefined && def.arity === 'one')
      throw new UsageError(`argument ${def.shown}: expected one argument`);
    options.add(def.key, value ?? '');
  }
  if (unknown.length > 0) throw new UsageError(`unrecognized arguments: ${unknown.join(' ')}`);
  return options;
}
