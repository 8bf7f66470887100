/** The codec that the tests hold ours against. */
declare module 'dns-packet' {
  export interface Packet {
    type?: 'query' | 'response';
    id?: number;
    flags?: number;
    questions?: object[];
    answers?: object[];
  }
  export function encode(packet: Packet): Uint8Array;
  export function decode(buffer: Uint8Array): Packet;
}
