import { LabwireError } from '@labwire/core/error';

/** A lab that can't be read: where, what is wrong, and how to mend it. */
export class LabError extends LabwireError {
  /** The document or overlay, as the user named it. */
  readonly file: string;
  /** 1-based; undefined where no one line is to blame. */
  readonly line: number | undefined;

  constructor(file: string, line: number | undefined, what: string, mend: string) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${what}; ${mend}`);
    this.file = file;
    this.line = line;
  }
}
