import { LibvirtError } from '../../../base/index.ts';
import type { XmlElement } from '../../../xml/index.ts';
import type { NetworkDef } from '../definition.ts';

/** What `virsh net-update` does to an element. virNetworkUpdateCommand */
export type UpdateCommand = 'modify' | 'delete' | 'add-last' | 'add-first';

/** What is to be changed, and by which element. */
export interface Update {
  readonly command: UpdateCommand;
  readonly element: XmlElement;
  /** Which `<ip>`; negative: the one with `<dhcp>`. */
  readonly parentIndex: number;
}

/** Changes one section of a definition. @throws LibvirtError */
export type SectionUpdate = (def: NetworkDef, update: Update) => void;

/** Whether a command adds. */
export function isAdd(command: UpdateCommand): boolean {
  return command === 'add-first' || command === 'add-last';
}

/** A list with one more item at the end that the command names. */
export function inserted<T>(list: readonly T[], item: T, command: UpdateCommand): T[] {
  return command === 'add-first' ? [item, ...list] : [...list, item];
}

/** A list without one of its items. */
export function without<T>(list: readonly T[], index: number): T[] {
  return list.filter((_, i) => i !== index);
}

/** A change that cannot be made now. VIR_ERR_OPERATION_INVALID */
export function invalid(text: string): LibvirtError {
  return new LibvirtError('operation-invalid', text);
}

/** A change that libvirt never makes. VIR_ERR_OPERATION_UNSUPPORTED */
export function unsupported(text: string): LibvirtError {
  return new LibvirtError('operation-unsupported', text);
}

/** virNetworkDefUpdateCheckElementName() @throws LibvirtError */
export function checkElement(def: NetworkDef, element: XmlElement, name: string): void {
  if (element.name !== name)
    throw new LibvirtError(
      'xml-error',
      `unexpected element <${element.name}>, expecting <${name}>, while updating network '${def.name}'`,
    );
}
