/** Exit codes of iptables. include/xtables.h, `enum xtables_exittype`. */
export const OTHER_PROBLEM = 1;
export const PARAMETER_PROBLEM = 2;
export const VERSION_PROBLEM = 3;
export const RESOURCE_PROBLEM = 4;

/** iptables ends: prints `text` as it prints its own errors, and exits with `code`. */
export class IptablesError extends Error {
  readonly code: number;

  /** @param text without the program's name and version, and without a newline at its end */
  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** A mistake in the arguments: exit code 2, and a word about `--help`. */
export function parameterProblem(text: string): IptablesError {
  return new IptablesError(PARAMETER_PROBLEM, text);
}
