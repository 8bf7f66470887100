/** The version that everything here follows. */
export const VERSION = '1.4.7';

/** What the program says before a message. */
export const BANNER: string = `conntrack v${VERSION} (conntrack-tools): `;

/** Exit status for what is wrong with the command line, and for everything else. conntrack.h, `enum exittype` */
export const PARAMETER_PROBLEM = 2;
export const OTHER_PROBLEM = 1;

/** What ends the program: `exit_error()`. */
export class ConntrackError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }

  /** What is printed on standard error. */
  get text(): string {
    const help =
      this.code === PARAMETER_PROBLEM
        ? "Try `conntrack -h' or 'conntrack --help' for more information.\n"
        : '';
    return `${BANNER}${this.message}\n${help}`;
  }
}

/** Something is wrong with the command line. */
export function parameterProblem(message: string): ConntrackError {
  return new ConntrackError(PARAMETER_PROBLEM, message);
}
