import { KernelError } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import type { Complain, DhclientConf } from '../conf/index.ts';
import { Lexer, StatementReader } from '../conf/index.ts';
import { type ClientLease, leaseText } from '../lease/index.ts';

/** Leases that are written behind the others before the file is made anew. */
const MAX_WRITTEN = 20;

/** /var/lib/dhcp/dhclient.leases: what is written last counts. */
export class LeaseFile {
  readonly #proc: Process;
  readonly #path: string;
  readonly #conf: DhclientConf;
  #written = 0;
  /** What stands before the leases: the DUID. */
  head = '';

  constructor(proc: Process, path: string, conf: DhclientConf) {
    this.#proc = proc;
    this.#path = proc.path(path);
    this.#conf = conf;
  }

  /** All leases that stand in it. */
  read(complain: Complain): ClientLease[] {
    const { fs } = this.#proc;
    if (!fs.exists(this.#path)) return [];
    const lexer = new Lexer(fs.readText(this.#path));
    return new StatementReader(lexer, this.#conf, '', complain).readLeases();
  }

  /** Writes it anew. @returns what went wrong. rewrite_client_leases() */
  rewrite(leases: readonly ClientLease[]): KernelError | undefined {
    this.#written = 0;
    return this.#write(leases, false, this.head);
  }

  /** Writes a lease behind the others; from time to time all are written anew instead. write_client_lease() */
  add(lease: ClientLease, all: () => readonly ClientLease[]): KernelError | undefined {
    if (this.#written++ > MAX_WRITTEN) return this.rewrite([...all(), lease]);
    return this.#write([lease], true, '');
  }

  #write(leases: readonly ClientLease[], append: boolean, head: string): KernelError | undefined {
    const text = head + leases.map((l) => leaseText(l, this.#conf.options)).join('');
    try {
      this.#proc.fs.writeFile(this.#path, text, { append });
      return undefined;
    } catch (e) {
      if (e instanceof KernelError) return e;
      throw e;
    }
  }
}
