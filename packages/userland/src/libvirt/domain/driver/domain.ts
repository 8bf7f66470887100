import type { DomainDef } from '../conf/index.ts';
import type { Running } from './running.ts';

/** A domain that a daemon knows. virDomainObj */
export class Domain {
  /** What is defined; undefined for one that is forgotten when it ends. */
  persistent: DomainDef | undefined;
  /** What runs. */
  running: Running | undefined;
  autostart = false;
  /** Why it does not run: `unknown` before it ever did. virDomainShutoffReason */
  offReason: 'unknown' | 'shutdown' | 'destroyed' | 'crashed' | 'failed' = 'unknown';

  /** What it was made with. */
  readonly #first: DomainDef;

  constructor(first: DomainDef) {
    this.#first = first;
  }

  /** What runs, else what is defined. */
  get def(): DomainDef {
    return this.running?.def ?? this.persistent ?? this.#first;
  }

  get name(): string {
    return this.def.name;
  }

  get uuid(): string {
    return this.def.uuid;
  }

  get active(): boolean {
    return this.running !== undefined;
  }

  /** Its number while it runs. */
  get id(): number | undefined {
    return this.running?.id;
  }

  /** As `virsh list` and `domstate` tell it. */
  get state(): string {
    if (this.running === undefined) return 'shut off';
    return this.running.guest.state === 'paused' ? 'paused' : 'running';
  }

  /** Why it is in that state. */
  get reason(): string {
    return this.running?.reason ?? this.offReason;
  }
}
