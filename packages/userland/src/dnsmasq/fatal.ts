/** Exit codes of dnsmasq. dnsmasq src/dnsmasq.h */
export const EC_BADCONF = 1;
export const EC_BADNET = 2;
export const EC_FILE = 3;
export const EC_NOMEM = 4;
export const EC_MISC = 5;

/** Why dnsmasq cannot start, in the words that it dies with. dnsmasq src/log.c, die() */
export class Fatal extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What is wrong with one option; the reader adds where it stands. */
export class OptionError extends Error {}
