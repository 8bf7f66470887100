import { Bridge } from '../../../bridge/index.ts';
import { allocName, type NetDevice } from '../../../link/index.ts';
import { type LinkPlan, newSingle, orUnregister } from './new-link.ts';

/** `br_dev_newlink()` */
export function newBridge(plan: LinkPlan): NetDevice {
  const { netns, pattern, request } = plan;
  const bridge = newSingle(plan, (addr) => new Bridge(allocName(netns, pattern), addr));
  bridge.initAddress();
  const { infoData } = request;
  if (infoData === undefined) return bridge;
  return orUnregister(bridge, () => bridge.changeLink(infoData));
}
