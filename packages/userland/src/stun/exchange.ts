import { put32 } from '@labwire/core/bytes';
import {
  readStun,
  STUN_BINDING_REQUEST,
  STUN_ID_LENGTH,
  STUN_MAGIC_COOKIE,
  type StunAttribute,
  type StunMessage,
  stunLength,
  writeStun,
} from '@labwire/core/wire';
import type { Process } from '../machine/index.ts';

/** A Binding request with a random transaction id: RFC 8489, or of RFC 3489 without the cookie. */
export function newRequest(
  proc: Process,
  attributes: readonly StunAttribute[],
  dialect: 'rfc8489' | 'rfc3489' = 'rfc8489',
): StunMessage {
  const id = new Uint8Array(STUN_ID_LENGTH);
  const { random } = proc.machine.kernel;
  for (let i = 0; i < STUN_ID_LENGTH; i += 4) put32(id, i, random.u32());
  if (dialect === 'rfc8489') put32(id, 0, STUN_MAGIC_COOKIE);
  return { type: STUN_BINDING_REQUEST, id, attributes };
}

/** A message as bytes. */
export function encodeStun(message: StunMessage): Uint8Array {
  const data = new Uint8Array(stunLength(message));
  writeStun(data, 0, message);
  return data;
}

/** A datagram as a message. @returns undefined for what is none */
export function decodeStun(data: Uint8Array): StunMessage | undefined {
  return readStun(data, 0, data.length);
}
