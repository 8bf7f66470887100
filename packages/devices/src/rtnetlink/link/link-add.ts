import { KernelError } from '@labwire/core/error';
import type { Netns } from '../../netns/netns.ts';
import type { LinkAddRequest } from '../requests.ts';
import { checkName, finishLink, LINK_KINDS, orUnregister } from './kinds/index.ts';

/**
 * Makes a device. RTM_NEWLINK with NLM_F_CREATE and NLM_F_EXCL
 * @returns its index
 * @throws {@link KernelError} EOPNOTSUPP `Unknown device type`, EEXIST, EINVAL, … with the kernel's words
 */
export function linkAdd(netns: Netns, request: LinkAddRequest): number {
  const target = request.netns ?? netns;
  refuseTaken(target, request);
  const newLink = LINK_KINDS.get(request.kind);
  if (newLink === undefined) throw new KernelError('EOPNOTSUPP', 'Unknown device type');
  const pattern = request.name ?? `${request.kind}%d`;
  checkName(pattern);
  const dev = newLink({ netns: target, source: netns, request, pattern });
  orUnregister(dev, () => finishLink(dev, request));
  return dev.ifindex;
}

function refuseTaken(netns: Netns, request: LinkAddRequest): void {
  const { ifindex = 0, name } = request;
  if (ifindex !== 0 && netns.devices.byIndex(ifindex) !== undefined)
    throw new KernelError('EEXIST');
  if (name !== undefined && netns.devices.byName(name) !== undefined)
    throw new KernelError('EEXIST');
}
