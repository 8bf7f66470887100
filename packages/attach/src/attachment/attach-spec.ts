import { LabwireError } from '@labwire/core/error';
import { parseWire, type Wire } from '../wire/index.ts';

/** What `--tap` says. */
export interface AttachSpec {
  readonly machine: string;
  readonly dev: string;
  readonly wire: Wire;
}

/** Reads `MACHINE:DEV[=WHERE]`. @throws LabwireError that says what can be written */
export function parseAttachSpec(text: string): AttachSpec {
  const [, machine, dev, where] = /^([^:=]+):([^:=]+)(?:=(.*))?$/.exec(text) ?? [];
  if (machine === undefined || dev === undefined)
    throw new LabwireError(
      `--tap ${text}: write MACHINE:DEV or MACHINE:DEV=WHERE, as in host:tap0=unix:/tmp/tap0.sock`,
    );
  return { machine, dev, wire: parseWire(where, dev) };
}
