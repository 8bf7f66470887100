import type { Socket } from '../../../sock/socket.ts';
import type { OwnerMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

/** `owner_mt()`: only packets that are made here have a socket; nobody owns the others. A user's group has the user's number. */
export function ownerMatcher(m: OwnerMatch): Matcher {
  return ({ skb }) => {
    const sk = skb.sk as Socket | null;
    if (m.socketExists !== undefined && (sk !== null) === m.socketExists.invert) return false;
    if (sk === null) return m.uid?.invert !== false && m.gid?.invert !== false;
    for (const want of [m.uid, m.gid]) {
      if (want !== undefined && (sk.uid >= want.min && sk.uid <= want.max) === want.invert)
        return false;
    }
    return true;
  };
}
