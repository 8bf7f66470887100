import type { Daemon } from '../daemon.ts';
import type { Admission } from './admission.ts';
import type { AnswerSource } from './answer/index.ts';
import type { Cache } from './cache/index.ts';
import type { Forwarder } from './forward/index.ts';
import type { Servers } from './servers/index.ts';

/** What the name server is made of. */
export interface DnsParts {
  readonly daemon: Daemon;
  readonly cache: Cache;
  readonly servers: Servers;
  readonly source: AnswerSource;
  readonly forwarder: Forwarder;
  readonly admission: Admission;
  /** The number of the next question, for --log-queries=extra. */
  nextLogId(): number;
}
