import type { NetDevice } from '@labwire/devices/link';
import { FEATURE_STATES, FEATURES, type Feature } from './feature-table.ts';

/** One offload of a device. */
export interface FeatureState {
  on: boolean;
  /** It cannot be switched. */
  readonly fixed: boolean;
  /** The driver keeps it off whatever is asked for. */
  readonly held?: true;
  /** What was asked for. */
  wanted: boolean;
}

/** The parts of a sum that is shown as one. */
const SUMS: Readonly<Record<string, readonly string[]>> = {
  'tx-checksumming': [
    'tx-checksum-ipv4',
    'tx-checksum-ip-generic',
    'tx-checksum-ipv6',
    'tx-checksum-fcoe-crc',
    'tx-checksum-sctp',
  ],
  'scatter-gather': ['tx-scatter-gather', 'tx-scatter-gather-fraglist'],
  'tcp-segmentation-offload': [
    'tx-tcp-segmentation',
    'tx-tcp-ecn-segmentation',
    'tx-tcp-mangleid-segmentation',
    'tx-tcp6-segmentation',
  ],
};

/** Short names of `-K`. ethtool's common.c, off_flag_def */
const SHORT: Readonly<Record<string, string>> = {
  rx: 'rx-checksumming',
  tx: 'tx-checksumming',
  sg: 'scatter-gather',
  tso: 'tcp-segmentation-offload',
  gso: 'generic-segmentation-offload',
  gro: 'generic-receive-offload',
  lro: 'large-receive-offload',
  rxvlan: 'rx-vlan-offload',
  txvlan: 'tx-vlan-offload',
  ntuple: 'ntuple-filters',
  rxhash: 'receive-hashing',
};

const STATES: Readonly<Record<string, FeatureState>> = {
  '+': { on: true, fixed: false, wanted: true },
  '-': { on: false, fixed: false, wanted: false },
  P: { on: true, fixed: true, wanted: true },
  '.': { on: false, fixed: true, wanted: false },
  r: { on: false, fixed: false, held: true, wanted: true },
  q: { on: true, fixed: false, wanted: false },
};

const wordOf = (on: boolean): string => (on ? 'on' : 'off');

/** The offloads of a device: what its driver has, and what has been switched. net/core/dev.c */
export class Features {
  readonly #dev: NetDevice;
  readonly #states: Map<string, FeatureState>;

  /** @param profile one of {@link FEATURE_STATES} */
  constructor(dev: NetDevice, profile: string) {
    this.#dev = dev;
    const letters = FEATURE_STATES[profile] ?? '';
    this.#states = new Map(
      FEATURES.map((f, i) => [f.kernel, { ...(STATES[letters[i] ?? '.'] as FeatureState) }]),
    );
    for (const [name, on] of dev.wantedFeatures ?? []) this.#want(name, on);
    this.#fix();
  }

  #state(name: string): FeatureState {
    return this.#states.get(name) as FeatureState;
  }

  #want(name: string, on: boolean): void {
    const state = this.#state(name);
    state.wanted = on;
    if (!state.fixed && state.held !== true) state.on = on;
  }

  /** Switches off what cannot be on without something else. netdev_fix_features() */
  #fix(): void {
    const on = (name: string): boolean => this.#state(name).on;
    const drop = (...names: string[]): void => {
      for (const name of names) if (!this.#state(name).fixed) this.#state(name).on = false;
    };
    const generic = on('tx-checksum-ip-generic');
    if (!on('tx-scatter-gather')) {
      drop(...(SUMS['tcp-segmentation-offload'] as string[]), 'tx-generic-segmentation');
    }
    if (!generic && !on('tx-checksum-ipv4')) drop('tx-tcp-segmentation', 'tx-tcp-ecn-segmentation');
    if (!generic && !on('tx-checksum-ipv6')) drop('tx-tcp6-segmentation');
    if (!on('tx-tcp-segmentation')) drop('tx-tcp-mangleid-segmentation');
    if (!on('tx-tcp-segmentation') && !on('tx-tcp6-segmentation')) drop('tx-tcp-ecn-segmentation');
    if (!on('rx-checksum')) drop('rx-gro-hw');
  }

  /** What `-k` prints. */
  show(): string {
    const lines = FEATURES.map((f) => this.#line(f));
    return `Features for ${this.#dev.name}:\n${lines.join('')}`;
  }

  #line({ kernel, legacy, sum }: Feature): string {
    const { on, fixed, wanted } = this.#state(kernel);
    const more = fixed ? ' [fixed]' : wanted === on ? '' : ` [requested ${wordOf(wanted)}]`;
    const own = `${sum === undefined ? '' : '\t'}${legacy ?? kernel}: ${wordOf(on)}${more}\n`;
    if (sum === undefined || SUMS[sum]?.[0] !== kernel) return own;
    const any = (SUMS[sum] as string[]).some((name) => this.#state(name).on);
    return `${sum}: ${wordOf(any)}\n${own}`;
  }

  /** The kernel's names of what a word of `-K` stands for; undefined if there is none. */
  static namesOf(word: string): readonly string[] | undefined {
    const long = Object.hasOwn(SHORT, word) ? (SHORT[word] as string) : word;
    if (Object.hasOwn(SUMS, long)) return SUMS[long];
    const found = FEATURES.find((f) => f.legacy === long || f.kernel === long);
    return found === undefined ? undefined : [found.kernel];
  }

  /** Switches offloads. @returns what is told of it, and whether anything changed that was asked for */
  set(wishes: ReadonlyMap<string, boolean>): { readonly text: string; readonly failed: boolean } {
    const before = new Map([...this.#states].map(([name, s]) => [name, s.on]));
    this.#dev.wantedFeatures ??= new Map();
    for (const [name, on] of wishes) {
      this.#want(name, on);
      if (!this.#state(name).fixed) this.#dev.wantedFeatures.set(name, on);
    }
    this.#revive(before);
    this.#fix();
    this.#apply();
    return this.#tell(wishes, before);
  }

  /** What had been switched off for want of something else comes back with it. */
  #revive(before: ReadonlyMap<string, boolean>): void {
    for (const [name, state] of this.#states)
      if (before.get(name) === false && state.wanted && !state.fixed && state.held !== true)
        state.on = true;
  }

  /** What the stack acts on: super-segments, on devices that take them. */
  #apply(): void {
    const able = this.#dev.canTso;
    this.#dev.tso = able && this.#state('tx-tcp-segmentation').on;
  }

  /** ethtool netlink/features.c, show_feature_changes() */
  #tell(
    wishes: ReadonlyMap<string, boolean>,
    before: ReadonlyMap<string, boolean>,
  ): { readonly text: string; readonly failed: boolean } {
    const lines: string[] = [];
    let differs = false;
    let done = false;
    for (const name of BY_BIT) {
      const { on } = this.#state(name);
      const wish = wishes.get(name);
      const changed = before.get(name) !== on;
      done ||= wish === on;
      if (wish !== undefined && wish !== on) {
        differs = true;
        lines.push(`${name}: ${wordOf(on)} [requested ${wordOf(wish)}]\n`);
      } else if (changed) {
        differs ||= wish === undefined;
        lines.push(`${name}: ${wordOf(on)}${wish === undefined ? ' [not requested]' : ''}\n`);
      }
    }
    if (!differs) return { text: '', failed: false };
    const none = done ? '' : 'Could not change any device features\n';
    return { text: `Actual changes:\n${lines.join('')}${none}`, failed: !done };
  }
}

/** Names in the order of the kernel's bits, where that is not the order in which they are shown. NETIF_F_*_BIT */
const FIRST_BITS = [
  ...['tx-scatter-gather', 'tx-checksum-ipv4', 'tx-checksum-ip-generic', 'tx-checksum-ipv6'],
  ...['highdma', 'tx-scatter-gather-fraglist', 'tx-vlan-hw-insert', 'rx-vlan-hw-parse'],
  ...['rx-vlan-filter', 'vlan-challenged', 'tx-generic-segmentation', 'tx-lockless'],
  ...['netns-local', 'rx-gro', 'rx-lro', 'tx-tcp-segmentation', 'tx-gso-robust'],
  ...['tx-tcp-ecn-segmentation', 'tx-tcp-mangleid-segmentation', 'tx-tcp6-segmentation'],
];
const LATER_BITS = ['tx-checksum-fcoe-crc', 'tx-checksum-sctp', 'fcoe-mtu', 'rx-ntuple-filter'];
const LAST = ['rx-hashing', 'rx-checksum'];
const BY_BIT: readonly string[] = [
  ...FIRST_BITS,
  ...LATER_BITS,
  ...LAST,
  ...FEATURES.map((f) => f.kernel).filter(
    (name) => ![...FIRST_BITS, ...LATER_BITS, ...LAST].includes(name),
  ),
];
