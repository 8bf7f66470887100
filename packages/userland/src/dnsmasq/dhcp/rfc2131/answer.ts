import {
  DHCPDECLINE,
  DHCPDISCOVER,
  DHCPINFORM,
  DHCPRELEASE,
  DHCPREQUEST,
} from '@labwire/devices/dhcp';
import type { ReplyWait } from '../range/index.ts';
import { answerDiscover } from './answer-discover.ts';
import { answerBootp, answerInform, hearDecline, hearRelease } from './answer-other.ts';
import { answerRequest } from './answer-request.ts';
import { Exchange } from './exchange.ts';
import { DhcpRequest } from './request/index.ts';
import type { Arrival, Reply, ServerHost } from './server-host.ts';

/**
 * Answers a message of a client. Where it has to wait, it hands out for what, and is told how it ended.
 * @returns what to send; undefined for nothing. dnsmasq src/rfc2131.c, dhcp_reply()
 */
export function* answer(
  host: ServerHost,
  arrival: Arrival,
): Generator<ReplyWait, Reply | undefined, boolean> {
  const request = DhcpRequest.read(arrival.data);
  if (request === undefined) return undefined;
  const ex = new Exchange(host, request, arrival);
  if (!ex.prepare()) return undefined;
  switch (request.type) {
    case 0:
      return yield* answerBootp(ex);
    case DHCPDISCOVER:
      return yield* answerDiscover(ex);
    case DHCPREQUEST:
      return answerRequest(ex);
    case DHCPINFORM:
      return answerInform(ex);
    case DHCPDECLINE:
      hearDecline(ex);
      return undefined;
    case DHCPRELEASE:
      hearRelease(ex);
      return undefined;
    default:
      return undefined;
  }
}
