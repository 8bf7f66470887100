import type { Process } from '../machine/index.ts';

/** A command that runs in the background. */
export interface Job {
  readonly number: number;
  /** Its processes; the last one's status is the job's. */
  readonly processes: readonly Process[];
  readonly text: string;
  /** Its end has been shown. */
  reported: boolean;
}

/** The background jobs of a shell. */
export class Jobs {
  readonly #jobs: Job[] = [];

  /** Adds a job; its number is one more than the greatest in use. */
  add(processes: readonly Process[], text: string): Job {
    const number = (this.#jobs.at(-1)?.number ?? 0) + 1;
    const job: Job = { number, processes, text, reported: false };
    this.#jobs.push(job);
    return job;
  }

  list(): readonly Job[] {
    return this.#jobs;
  }

  remove(job: Job): void {
    const i = this.#jobs.indexOf(job);
    if (i >= 0) this.#jobs.splice(i, 1);
  }

  /** Finds a job by `%N`, `%%`, `%+`, `%-`, `%TEXT` or `%?TEXT`. */
  find(spec: string): Job | undefined {
    const name = spec.slice(1);
    if (name === '' || name === '%' || name === '+') return this.#jobs.at(-1);
    if (name === '-') return this.#jobs.at(-2) ?? this.#jobs.at(-1);
    if (/^\d+$/.test(name)) return this.#jobs.find((j) => j.number === Number(name));
    if (name.startsWith('?')) return this.#jobs.find((j) => j.text.includes(name.slice(1)));
    return this.#jobs.find((j) => j.text.startsWith(name));
  }

  /** The job that a process is of. */
  ofPid(pid: number): Job | undefined {
    return this.#jobs.find((j) => j.processes.some((p) => p.pid === pid));
  }

  /** `+` for the current job, `-` for the one before, else a space. */
  mark(job: Job): string {
    const live = this.#jobs;
    return job === live.at(-1) ? '+' : job === live.at(-2) ? '-' : ' ';
  }
}

/** The last process of a job, whose end is the job's. */
export function lastOf(job: Job): Process {
  return job.processes.at(-1) as Process;
}
