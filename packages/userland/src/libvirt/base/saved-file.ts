import type { FileSystem } from '../../machine/index.ts';

/** What a shell would take for more than a name. virXMLPickShellSafeComment() */
const UNSAFE = /[\r\t\n !"#$&'()*;<>?[\\\]^`{|}~]|--|^-/;

/** Writes a definition under a warning that says how to change it. virXMLSaveFile() @param edit virsh's command for that @param names what it takes, the best first */
export function saveXml(
  fs: FileSystem,
  path: string,
  edit: string,
  names: readonly string[],
  xml: string,
): void {
  const name = names.find((n) => !UNSAFE.test(n));
  const command = name === undefined ? edit : `${edit} ${name}`;
  const warning = `<!--
WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE
OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:
  virsh ${command}
or other application using the libvirt API.
-->

`;
  fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  fs.writeFile(path, warning + xml, { mode: 0o600 });
}
