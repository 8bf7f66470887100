/** An error of the command line, told in one line. */
export class UdhcpcError extends Error {}

/** A command line that gets the usage for an answer, with getopt's words or none. */
export class UsageError extends Error {}
