import { LibvirtError } from '../../../base/index.ts';
import { parsePortGroup } from '../parse-link.ts';
import {
  checkElement,
  inserted,
  invalid,
  isAdd,
  type SectionUpdate,
  unsupported,
  without,
} from './section.ts';

/** `forward-interface`. virNetworkDefUpdateForwardInterface() */
export const updateForwardInterface: SectionUpdate = (def, { command, element }) => {
  checkElement(def, element, 'interface');
  if (command === 'modify')
    throw unsupported('forward interface entries cannot be modified, only added or deleted');
  const dev = element.attr('dev');
  if (dev === undefined)
    throw new LibvirtError('xml-error', 'missing dev attribute in <interface> element');
  const { devices } = def.forward;
  const at = devices.findIndex((d) => d.kind === 'netdev' && d.dev === dev);
  if (isAdd(command)) {
    if (at >= 0)
      throw invalid(
        `there is an existing interface entry in network '${def.name}' that matches "<interface dev='${dev}'>"`,
      );
    const added = inserted(devices, { kind: 'netdev', dev } as const, command);
    def.forward = { ...def.forward, devices: added };
    return;
  }
  if (at < 0)
    throw invalid(
      `couldn't find an interface entry in network '${def.name}' matching <interface dev='${dev}'>`,
    );
  def.forward = { ...def.forward, devices: without(devices, at) };
};

/** `portgroup`. virNetworkDefUpdatePortGroup() */
export const updatePortGroup: SectionUpdate = (def, { command, element }) => {
  checkElement(def, element, 'portgroup');
  const group = parsePortGroup(element);
  const { portGroups: groups } = def;
  const at = groups.findIndex((g) => g.name === group.name);
  if (at < 0 && !isAdd(command))
    throw invalid(
      `couldn't find a portgroup entry in network '${def.name}' matching <portgroup name='${group.name}'>`,
    );
  if (at >= 0 && isAdd(command))
    throw invalid(
      `there is an existing portgroup entry in network '${def.name}' that matches "<portgroup name='${group.name}'>"`,
    );
  const byDefault = groups.findIndex((g) => g.isDefault);
  if (command !== 'delete' && group.isDefault && byDefault >= 0 && byDefault !== at)
    throw invalid(
      `a different portgroup entry in network '${def.name}' is already set as the default. Only one default is allowed.`,
    );
  if (command === 'modify') def.portGroups = groups.map((g, i) => (i === at ? group : g));
  else if (isAdd(command)) def.portGroups = inserted(groups, group, command);
  else def.portGroups = without(groups, at);
};
