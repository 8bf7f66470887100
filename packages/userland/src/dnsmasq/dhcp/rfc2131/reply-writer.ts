import type { Ipv4Addr } from '@labwire/core/addr';
import { put32 } from '@labwire/core/bytes';
import {
  BOOTP_MIN_LEN,
  BOOTREPLY,
  DHCP_COOKIE,
  DHCP_FILE_LEN,
  DHCP_SNAME_LEN,
  DhcpMessage,
  DhcpOff,
  DhcpOpt,
  type DhcpOption,
  OVERLOAD_FILE,
  OVERLOAD_SNAME,
} from '@labwire/devices/dhcp';
import type { DhcpRequest } from './request/index.ts';

/** Bytes of a message without option 57: struct dhcp_packet. */
const PACKET_LEN = 548;
const PACKET_MAX = 16_384;
/** IP and UDP headers, which option 57 counts. */
const HEADERS = 28;
/** Bytes that the option for overloading takes. */
const OVERLOAD_LEN = 3;

/** Where options are written: the option area, `file` or `sname`. */
interface Area {
  readonly start: number;
  readonly end: number;
  at: number;
}

/** A reply in the making. Options that do not fit go into `file` and `sname`, if those are free. dnsmasq src/rfc2131.c, free_space() */
export class ReplyWriter {
  readonly message: DhcpMessage;
  readonly #main: Area;
  readonly #file: Area = area(DhcpOff.file, DHCP_FILE_LEN);
  readonly #sname: Area = area(DhcpOff.sname, DHCP_SNAME_LEN);
  readonly #agent: Uint8Array | undefined;
  readonly #noRoom: (code: number) => void;
  /** Offset of the overload option's value; 0 while there is none. */
  #overload = 0;
  #end: number;
  /** Whether `file` and `sname` may hold options. */
  #mayOverload = true;

  /** Begins with the request's header. @param noRoom is told of options that do not fit */
  constructor(request: DhcpRequest, noRoom: (code: number) => void) {
    const size = replySize(request);
    this.#noRoom = noRoom;
    const agent = request.option(DhcpOpt.agentInformation, 1);
    const fits = agent !== undefined && request.message.buf.length < size - agent.length - 2;
    this.#agent = fits ? agent.slice() : undefined;
    this.#end = size - (this.#agent === undefined ? 0 : this.#agent.length + 2);
    this.message = new DhcpMessage(new Uint8Array(size));
    const { buf } = this.message;
    buf.set(request.message.buf.subarray(0, DhcpOff.sname));
    this.message.op = BOOTREPLY;
    this.message.siaddr = 0 as Ipv4Addr;
    put32(buf, DhcpOff.cookie, DHCP_COOKIE);
    this.#main = { start: DhcpOff.options, end: size, at: DhcpOff.options };
  }

  /** Cuts the option area, as BOOTP's is. */
  limit(bytes: number): void {
    this.#end = DhcpOff.options - 4 + bytes;
  }

  /** Takes `file` and `sname` away from options. */
  forbidOverload(): void {
    this.#mayOverload = false;
  }

  /** Whether a field is empty and may hold options. */
  #free(at: Area): boolean {
    return this.#mayOverload && at.at === at.start && this.message.buf[at.start] === 0;
  }

  /** Keeps room for the overload option, if there is something to overload. */
  reserve(): void {
    if (this.#free(this.#file) || this.#free(this.#sname)) this.#end -= OVERLOAD_LEN;
  }

  /** Writes an option. @returns whether there was room */
  put(code: number, data: Uint8Array): boolean {
    const to = this.#room(data.length);
    if (to === undefined) {
      this.#noRoom(code);
      return false;
    }
    const { buf } = this.message;
    buf[to.at] = code;
    buf[to.at + 1] = data.length;
    buf.set(data, to.at + 2);
    to.at += 2 + data.length;
    return true;
  }

  /** Writes a number in `size` bytes. */
  putNumber(code: number, size: 1 | 2 | 4, value: number): void {
    const data = new Uint8Array(4);
    put32(data, 0, value);
    this.put(code, data.subarray(4 - size));
  }

  /** Writes an address. */
  putAddress(code: number, addr: Ipv4Addr): void {
    this.putNumber(code, 4, addr);
  }

  /** Writes a text, for some clients with a zero byte behind it. */
  putText(code: number, text: string, zero: boolean): void {
    this.put(code, textData(text, zero));
  }

  #room(length: number): Area | undefined {
    if (this.#main.at + length + 3 < this.#end) return this.#main;
    if (this.#overload === 0 && (this.#free(this.#file) || this.#free(this.#sname)))
      this.#beginOverload();
    if (this.#overload === 0) return undefined;
    return (
      this.#try(this.#file, OVERLOAD_FILE, length) ?? this.#try(this.#sname, OVERLOAD_SNAME, length)
    );
  }

  #beginOverload(): void {
    const { buf } = this.message;
    const { at } = this.#main;
    if (at + OVERLOAD_LEN > buf.length) return;
    buf[at] = DhcpOpt.overload;
    buf[at + 1] = 1;
    buf[at + 2] = 0;
    this.#overload = at + 2;
    this.#main.at += OVERLOAD_LEN;
  }

  #try(to: Area, bit: number, length: number): Area | undefined {
    const { buf } = this.message;
    if (this.#free(to)) buf[this.#overload] = (buf[this.#overload] as number) | bit;
    if (((buf[this.#overload] as number) & bit) === 0) return undefined;
    return to.at + length + 3 >= to.end ? undefined : to;
  }

  /** Options as they stand in the message, area by area. */
  get areas(): readonly (readonly DhcpOption[])[] {
    return [this.#file, this.#sname, this.#main].map((a) => this.#optionsOf(a));
  }

  #optionsOf({ start, at }: Area): DhcpOption[] {
    const { buf } = this.message;
    const options: DhcpOption[] = [];
    for (let i = start; i < at; i += 2 + (buf[i + 1] as number))
      options.push({
        code: buf[i] as number,
        data: buf.slice(i + 2, i + 2 + (buf[i + 1] as number)),
      });
    return options;
  }

  /** Puts the relay's option and the ends behind all. @returns the message's bytes. dhcp_packet_size() */
  finish(): Uint8Array {
    const { buf } = this.message;
    if (this.#agent !== undefined) {
      buf[this.#main.at] = DhcpOpt.agentInformation;
      buf[this.#main.at + 1] = this.#agent.length;
      buf.set(this.#agent, this.#main.at + 2);
      this.#main.at += 2 + this.#agent.length;
    }
    for (const { at, start } of [this.#file, this.#sname]) if (at > start) buf[at] = DhcpOpt.end;
    buf[this.#main.at] = DhcpOpt.end;
    return buf.slice(0, Math.max(BOOTP_MIN_LEN, this.#main.at + 1));
  }
}

function area(start: number, length: number): Area {
  return { start, end: start + length, at: start };
}

function replySize(request: DhcpRequest): number {
  const wanted = request.type === 0 ? undefined : request.uint16(DhcpOpt.maxMessageSize);
  if (wanted === undefined) return PACKET_LEN;
  return Math.min(PACKET_MAX, Math.max(PACKET_LEN, wanted - HEADERS));
}

/** A text's bytes, with a zero byte behind them if that is wanted. option_put_string() */
export function textData(text: string, zero: boolean): Uint8Array {
  const codes = [...text].map((c) => c.charCodeAt(0));
  return new Uint8Array(zero && codes.length !== 255 ? [...codes, 0] : codes).slice(0, 255);
}
