import { DhcpOpt } from '@labwire/devices/dhcp';
import type { LeaseExtra } from '../lease/index.ts';
import { tagsText } from '../match/index.ts';
import type { Exchange } from './exchange.ts';
import { AgentOpt, userClass } from './request/index.ts';

function text(data: Uint8Array | undefined): string | undefined {
  if (data === undefined) return undefined;
  const end = data.indexOf(0);
  return String.fromCharCode(...(end < 0 ? data : data.subarray(0, end)));
}

/** What the script is told of a client besides its lease. */
export function extraData({ request, cpewan, allTags }: Exchange): LeaseExtra {
  const option = (code: number) => text(request.option(code, 1));
  return {
    vendorClass: option(DhcpOpt.vendorClass),
    suppliedHostname: option(DhcpOpt.hostName),
    cpewan: [text(cpewan?.oui), text(cpewan?.serial), text(cpewan?.deviceClass)],
    circuitId: text(request.agentOption(AgentOpt.circuit)),
    subscriberId: text(request.agentOption(AgentOpt.subscriber)),
    remoteId: text(request.agentOption(AgentOpt.remote)),
    requestedOptions: request.requested?.join(','),
    mudUrl: option(DhcpOpt.mudUrl),
    tags: tagsText(allTags).replaceAll(', ', ' '),
    userClasses: userClasses(request),
  };
}

/** Counted strings one by one; anything else whole. */
function userClasses(request: Exchange['request']): string[] {
  const data = userClass(request);
  if (data === undefined) return [];
  const all = String.fromCharCode(...data);
  return (data[0] === 0 ? all.slice(1) : all).split('\0');
}
