import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { BOOTP_BROADCAST, DhcpOpt, fieldText, LEASE_INFINITE } from '@labwire/devices/dhcp';
import type { DhcpRange } from '../../config/index.ts';
import { OPTIONS4, optionByCode, optionString } from '../option-names/index.ts';
import type { Exchange } from './exchange.ts';
import { ReplyOptions } from './reply-options.ts';
import { ReplyWriter } from './reply-writer.ts';
import type { Reply } from './server-host.ts';

/** Seconds: shorter leases are not given, whatever the client asks for. */
const MIN_REQUESTED = 120;

/** A reply of a type, with the server's identifier. Type 0: BOOTP, which has neither. */
export function beginReply(ex: Exchange, type: number, server: Ipv4Addr): ReplyWriter {
  const writer = new ReplyWriter(ex.request, (code) =>
    ex.host.log('warning', `cannot send DHCP/BOOTP option ${code}: no space left in packet`),
  );
  if (type === 0) writer.limit(64);
  else {
    writer.putNumber(DhcpOpt.messageType, 1, type);
    writer.putAddress(DhcpOpt.serverIdentifier, server);
  }
  return writer;
}

/** What varies between replies of one exchange. */
export interface ReplyVariant {
  readonly range: DhcpRange | undefined;
  readonly hostname: string | undefined;
  /** The address whose domain is told. */
  readonly addr: Ipv4Addr;
  readonly leaseTime: number;
  readonly fuzz: number;
}

/** Writes all options, ends the message, and logs what is in it. */
export function endReply(ex: Exchange, writer: ReplyWriter, variant: ReplyVariant): Reply {
  const { range, hostname, addr, leaseTime, fuzz } = variant;
  const { request, name } = ex;
  new ReplyOptions(ex.host, writer, {
    range,
    requested: request.type === 0 ? undefined : request.requested,
    hostname,
    domain: ex.host.domainOf(addr),
    tags: ex.tags,
    subnet: ex.subnet,
    fqdnFlags: name.fqdnFlags,
    zeroTerminated: name.zeroTerminated,
    vendorClass: request.option(DhcpOpt.vendorClass, 1),
    leaseTime,
    fuzz,
  }).write();
  return sealReply(ex, writer);
}

/** Ends a message as it is. */
export function sealReply(ex: Exchange, writer: ReplyWriter): Reply {
  const areas = ex.logs ? writer.areas : [];
  const data = writer.finish();
  if (ex.logs) logReply(ex, writer, areas);
  return { data, inform: false };
}

/** --log-dhcp: what is sent. */
function logReply(ex: Exchange, { message }: ReplyWriter, areas: ReplyWriter['areas']): void {
  const [file = [], sname = [], main = []] = areas;
  if (file.length > 0) logOptions(ex, file);
  else if (message.file[0] !== 0) ex.logDetail(`bootfile name: ${fieldText(message.file)}`);
  if (sname.length > 0) logOptions(ex, sname);
  else if (message.sname[0] !== 0) ex.logDetail(`server name: ${fieldText(message.sname)}`);
  if (message.siaddr !== 0) ex.logDetail(`next server: ${formatIpv4(message.siaddr)}`);
  if ((message.flags & BOOTP_BROADCAST) !== 0 && message.ciaddr === 0)
    ex.logDetail('broadcast response');
  logOptions(ex, main);
}

function logOptions(ex: Exchange, options: ReplyWriter['areas'][number]): void {
  for (const { code, data } of options) {
    const size = String(data.length).padStart(3);
    const name = optionByCode(OPTIONS4, code)?.name ?? '';
    const value = optionString(OPTIONS4, code, data);
    ex.logDetail(`sent size:${size} option:${String(code).padStart(3)} ${name}  ${value}`);
  }
}

/** Seconds of the client's lease: as configured, or less if it asks for less. calc_time() */
export function leaseTime(ex: Exchange, range: DhcpRange): number {
  const most = ex.config?.leaseTime ?? range.leaseTime;
  const asked = ex.request.uint32(DhcpOpt.leaseTime);
  if (asked === undefined) return most;
  const wanted = Math.max(MIN_REQUESTED, asked);
  if (most === LEASE_INFINITE) return wanted;
  return wanted !== LEASE_INFINITE && wanted < most ? wanted : most;
}
