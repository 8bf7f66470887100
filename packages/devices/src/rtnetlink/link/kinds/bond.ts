import { allocName, Bond, type NetDevice } from '../../../link/index.ts';
import { type LinkPlan, newSingle, orUnregister } from './new-link.ts';
/** `bond_newlink()` */

export function newBond(plan: LinkPlan): NetDevice {
  const { netns, pattern, request } = plan;
  const bond = newSingle(plan, (addr) => new Bond(allocName(netns, pattern), addr));
  const { infoData } = request;
  if (infoData === undefined) return bond;
  return orUnregister(bond, () => bond.changeLink(infoData));
}
