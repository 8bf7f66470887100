import type { Ipv4Addr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
import { SEC } from '@labwire/core/sim';
import type { KernelProfile } from '@labwire/devices/netns';
import type { LabError } from '../document/index.ts';
import { withNat } from './nat.ts';
import type { RawConfig, RawImage, RawInterface, RawLink, RawMachine } from './raw-config.ts';
import type { InterfaceAddress } from './values.ts';
import { problem, type YamlSource } from './yaml-source.ts';

/** The link that is the home world's LAN. */
export const HOME_LINK = 'home';

/** Where a key stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A machine of a lab. */
export interface MachineConfig {
  readonly name: string;
  readonly hostname: string;
  /** Which Linux it runs; undefined: 6.x. */
  readonly kernel?: KernelProfile | undefined;
  readonly interfaces: readonly (RawInterface & { readonly name: string })[];
  /** Settings by name, in order: `net.ipv4.ip_forward`. */
  readonly sysctl: readonly (readonly [string, string])[];
  /** Contents by absolute path. */
  readonly files: readonly (readonly [string, string])[];
  /** Commands typed before the lab begins. */
  readonly run: readonly string[];
  /** Its key: `machines.NAME`. */
  readonly key: string;
  /** Where the machine, or one of its keys, is described: file and line. */
  place(...path: readonly PropertyKey[]): Place;
}

/** What a disk brings to the guest that is started with it. */
export interface ImageConfig {
  /** What it begins with: a plain Linux, or one with a web server. */
  readonly kind: 'linux' | 'web' | 'db';
  /** Default: the guest's name. */
  readonly hostname: string | undefined;
  /** Name of the first NIC; undefined: whoever runs the guest decides. */
  readonly nic: string | undefined;
  readonly dhcp: boolean;
  readonly sysctl: MachineConfig['sysctl'];
  readonly files: MachineConfig['files'];
  /** Commands that the guest runs as it boots. */
  readonly run: readonly string[];
  /** Its key: `images.NAME`. */
  readonly key: string;
  place(...path: readonly PropertyKey[]): Place;
}

/** A machine that is there without the lab's saying so. */
export interface WorldMachine extends MachineConfig {
  /** Routes beside the default one. */
  readonly routes: readonly (readonly [to: InterfaceAddress, via: Ipv4Addr])[];
  /** Programs that it starts, each with its arguments. */
  readonly services: readonly (readonly [program: string, ...args: string[]])[];
}

/** What is around a lab's machines. */
export interface Surroundings {
  readonly machines: readonly WorldMachine[];
  /** The links that these machines are plugged into. */
  readonly links: ReadonlyMap<string, RawLink>;
}

/** A lab's machines and how they are joined. */
export interface LabConfig {
  readonly title: string | undefined;
  readonly seed: number | undefined;
  /** In order; prompts that name no machine type on the first. */
  readonly machines: readonly MachineConfig[];
  /** Links in the order in which the machines name them. */
  readonly links: ReadonlyMap<string, RawLink>;
  /** By the file name of the disk. */
  readonly images: ReadonlyMap<string, ImageConfig>;
  readonly linger: Nanos;
  readonly settle: Nanos;
  readonly world: 'none' | 'home';
  /** Absent: nothing but the lab's machines. */
  readonly surroundings: Surroundings | undefined;
  /** Where a key of the front matter or the overlay stands. */
  place(key: keyof RawConfig, ...path: readonly PropertyKey[]): Place;
}

/** The machines that one can type at: the lab's own, and those of the world around it. */
export function allMachines({ machines, surroundings }: LabConfig): readonly MachineConfig[] {
  return [...machines, ...(surroundings?.machines ?? [])];
}

/** How long the oracle waits, in seconds: for a foreground command, and from start to first command. */
const LINGER = 20;
const SETTLE = 3;

/** A checked front matter or overlay with its places. */
export interface ConfigSource {
  readonly raw: RawConfig;
  readonly source: YamlSource;
}

/**
 * Puts together what front matter and overlay say; the overlay's keys come first.
 * @throws LabError
 */
export function makeConfig(document: ConfigSource, overlay: ConfigSource | undefined): LabConfig {
  const said: RawConfig = { ...document.raw, ...overlay?.raw };
  const raw = {
    ...said,
    world: said.world ?? (said.machines === undefined ? 'home' : 'none'),
  } as const;
  const from = (key: keyof RawConfig): YamlSource =>
    overlay?.raw[key] === undefined ? document.source : overlay.source;
  const machines = withNat(makeMachines(raw.machines, from('machines')), raw, from('machines'));
  const links = makeLinks(raw, machines, from('links'), from('machines'));
  checkQueues(machines, links, from('machines'));
  return {
    title: raw.title,
    seed: raw.seed,
    machines,
    links,
    images: new Map(
      Object.entries(raw.images ?? {}).map(([name, image]) => [
        name,
        makeImage(name, image ?? {}, from('images')),
      ]),
    ),
    linger: (raw.linger ?? LINGER) * SEC,
    settle: (raw.settle ?? SETTLE) * SEC,
    world: raw.world,
    surroundings: undefined,
    place: (key, ...path) => ({ file: from(key).file, line: from(key).lineOf([key, ...path]) }),
  };
}

function makeMachines(
  raw: Readonly<Record<string, RawMachine | null>> | undefined,
  source: YamlSource,
): MachineConfig[] {
  return Object.entries(raw ?? { host: null }).map(([name, machine]) => ({
    name,
    hostname: machine?.hostname ?? name,
    kernel: machine?.kernel,
    interfaces: Object.entries(machine?.interfaces ?? {}).map(([dev, i]) => ({ ...i, name: dev })),
    sysctl: Object.entries(machine?.sysctl ?? {}).map(([k, v]) => [k, settingText(v)] as const),
    files: Object.entries(machine?.files ?? {}),
    run: machine?.run ?? [],
    key: `machines.${name}`,
    place: (...path) => ({
      file: source.file,
      line: source.lineOf(['machines', name, ...path]),
    }),
  }));
}

/** What a disk is, of which the lab says nothing. */
export function plainImage(kind: ImageConfig['kind']): ImageConfig {
  return makeImage('', { kind }, { file: '', data: {}, lineOf: () => 0 });
}

function makeImage(name: string, image: RawImage, source: YamlSource): ImageConfig {
  return {
    kind: image.kind ?? 'linux',
    hostname: image.hostname,
    nic: image.nic,
    dhcp: image.dhcp ?? true,
    sysctl: Object.entries(image.sysctl ?? {}).map(([k, v]) => [k, settingText(v)] as const),
    files: Object.entries(image.files ?? {}),
    run: image.run ?? [],
    key: `images.${name}`,
    place: (...path) => ({ file: source.file, line: source.lineOf(['images', name, ...path]) }),
  };
}

function settingText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? String(Number(value)) : String(value);
}

function makeLinks(
  raw: RawConfig,
  machines: readonly MachineConfig[],
  linkSource: YamlSource,
  machineSource: YamlSource,
): Map<string, RawLink> {
  const links = new Map<string, RawLink>();
  const ends = machines.flatMap((m) => m.interfaces.map((i) => ({ machine: m.name, i })));
  const plugged = ends.map(({ i }) => i.link);
  if (raw.world === 'home') plugged.push(HOME_LINK);
  for (const name of plugged) links.set(name, raw.links?.[name] ?? {});
  for (const name of Object.keys(raw.links ?? {})) {
    if (!links.has(name)) throw unpluggedLink(linkSource, name);
  }
  for (const { machine, i } of ends) {
    const alone = ends.filter((e) => e.i.link === i.link).length === 1;
    if (raw.world === 'home' && i.link === HOME_LINK) continue;
    if (alone && raw.links !== undefined && raw.links[i.link] === undefined)
      throw unknownLink(machineSource, machine, i.name, i.link, Object.keys(raw.links));
  }
  return links;
}

function unpluggedLink(source: YamlSource, name: string): LabError {
  return problem(
    source,
    ['links', name],
    'no interface is plugged into this link',
    `give one "link: ${name}", or take the link out`,
  );
}

function unknownLink(
  source: YamlSource,
  machine: string,
  dev: string,
  link: string,
  known: readonly string[],
): LabError {
  return problem(
    source,
    ['machines', machine, 'interfaces', dev, 'link'],
    `unknown link "${link}"`,
    `write one of ${known.join(', ')}, or add "${link}: {}" to links`,
  );
}

/** Queueing disciplines hold nothing back here where the link takes everything at once: then they all act alike. */
function checkQueues(
  machines: readonly MachineConfig[],
  links: ReadonlyMap<string, RawLink>,
  source: YamlSource,
): void {
  for (const m of machines) {
    for (const i of m.interfaces) {
      if (i.qdisc === undefined || links.get(i.link)?.rate === undefined) continue;
      throw problem(
        source,
        ['machines', m.name, 'interfaces', i.name, 'qdisc'],
        `"qdisc: ${i.qdisc}" on a link with a rate is not yet supported`,
        `take out the qdisc, or the rate of ${i.link}`,
      );
    }
  }
}
