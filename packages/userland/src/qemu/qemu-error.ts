/** Why QEMU does not start, or no longer runs: it says so and exits with 1. */
export class QemuError extends Error {
  /** The option that is to blame, as it was typed: `-netdev tap,id=n0`. */
  readonly where: string | undefined;
  /** What is said after it. */
  readonly next: QemuError | undefined;

  constructor(where: string | undefined, message: string, next?: QemuError) {
    super(message);
    this.where = where;
    this.next = next;
  }
}

/** What a failure looks like. error_report() of QEMU's util/error-report.c */
export function errorText(program: string, e: QemuError): string {
  const where = e.where === undefined ? '' : `${e.where}: `;
  const next = e.next === undefined ? '' : errorText(program, e.next);
  return `${program}: ${where}${e.message}\n${next}`;
}
