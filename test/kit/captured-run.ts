import { MachineCapture } from '@labwire/scenarios/capture';
import { commandRecord, type Lab, type RunResult, runLab } from '@labwire/scenarios/lab';

/** A run with all that can be seen of it. */
export interface CapturedRun {
  readonly result: RunResult;
  /** What `labwire run --json` prints of its commands. */
  readonly json: string;
  /** pcapng by machine. */
  readonly captures: ReadonlyMap<string, Uint8Array>;
}

/** Runs a lab and captures at every device of every machine. */
export async function runCaptured(lab: Lab, seed?: number): Promise<CapturedRun> {
  const captures: MachineCapture[] = [];
  const result = await runLab(lab, {
    ...(seed === undefined ? {} : { seed }),
    onBuilt: (world) => {
      world.onMachine(({ name, kernel }) => captures.push(new MachineCapture(name, kernel)));
    },
  });
  return {
    result,
    json: result.commands.map((c) => JSON.stringify(commandRecord(c))).join('\n'),
    captures: new Map(captures.map((c) => [c.name, Buffer.concat(c.finish())])),
  };
}
