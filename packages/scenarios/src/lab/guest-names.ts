import type { LabConfig, RawOverlay } from './config/index.ts';
import type { Block } from './document/index.ts';

/** Where the name of a guest stands in a command, a domain's XML or a disk's path. */
const NAMES: readonly RegExp[] = [
  /(?:^|\s)-name[\s=]+["']?(?:guest=)?([\w.-]+)/g,
  /\bvirt-install\b[^\n]*?\s(?:--name|-n)[\s=]+["']?([\w.-]+)/g,
  /(?:^|\s)--name[\s=]+["']?([\w.-]+)/g,
  /<name>\s*([\w.-]+)\s*<\/name>/g,
  /\bvirsh\b[^\n;|&]*?\sstart\s+(?:--domain[\s=]+)?["']?([A-Za-z][\w.-]*)/g,
  /(?:-hda|-drive\s+(?:\S*,)?file=)\s*["']?(?:\S*\/)?([\w-]+)\.\w+/g,
];

/**
 * Names of guests that a lab may power on: prompts and `on=` may name them, though no machine has those names before it
 * runs.
 */
export function guestNames(
  blocks: readonly Block[],
  config: LabConfig,
  overlay: RawOverlay | undefined,
): ReadonlySet<string> {
  const texts = [
    ...blocks.flatMap((b) => b.shown.map((s) => s.command)),
    ...config.machines.flatMap((m) => [...m.run, ...m.files.map(([, content]) => content)]),
    ...(overlay?.blocks ?? []).flatMap((e) => [e.command ?? '', ...(e.run ?? [])]),
  ].map((text) => text.replace(/\\\n/g, ' '));
  const names = texts.flatMap((text) =>
    NAMES.flatMap((pattern) => [...text.matchAll(pattern)].map((m) => m[1] ?? '')),
  );
  const hostnames = [...config.images.values()].flatMap(({ hostname }) => hostname ?? []);
  return new Set([...names, ...hostnames]);
}
