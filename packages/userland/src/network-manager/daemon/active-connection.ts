import type { Profile } from '../profile/index.ts';
import type { NmDevice } from './device.ts';

/** A profile that is in use. NMActiveConnection */
export class ActiveConnection {
  readonly number: number;
  readonly profile: Profile;
  readonly device: NmDevice;
  state: 'activating' | 'activated' | 'deactivated' = 'activating';
  /** Somebody else has set its device up. */
  readonly external: boolean;
  /** Why it ended: the words behind `Connection activation failed: `. */
  failure: string | undefined;

  constructor(number: number, profile: Profile, device: NmDevice, external: boolean) {
    this.number = number;
    this.profile = profile;
    this.device = device;
    this.external = external;
  }

  get path(): string {
    return `/org/freedesktop/NetworkManager/ActiveConnection/${this.number}`;
  }
}
