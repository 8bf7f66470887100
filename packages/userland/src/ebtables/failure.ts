/** Something that ebtables says on standard error before it ends. */
export class EbtFailure extends Error {
  readonly status: number;

  constructor(text: string, status: number) {
    super(text);
    this.status = status;
  }
}

/** A mistake on the command line. `xtables_error(PARAMETER_PROBLEM)` */
export function badParameter(text: string): EbtFailure {
  const hint = "Try `ebtables -h' or 'ebtables --help' for more information.";
  return new EbtFailure(`ebtables v1.8.9 (nf_tables): ${text}\n${hint}`, 2);
}

/** What the kernel does not have, as `nft_strerror()` words it. */
export function notThere(text: string): EbtFailure {
  return new EbtFailure(`ebtables: ${text}`, 1);
}

/** What the kernel refuses when the change is handed to it. */
export function refusedChange(what: string, why: string, where: string): EbtFailure {
  return new EbtFailure(`ebtables v1.8.9 (nf_tables):  ${what} failed (${why}): ${where}`, 4);
}

/** What Labwire has not. */
export function unsupported(what: string, supported: string): EbtFailure {
  return badParameter(`Labwire does not act on ${what}; it has ${supported}`);
}
