import { fileURLToPath } from 'node:url';
import { runLab, TextReport } from '@labwire/scenarios/lab';
import { describe, expect, it } from 'vitest';
import { readLab, shared } from '../kit/index.ts';

/** Documents, the overlays that say what must be known to run them, and how many commands and outputs they have. */
const DOCUMENTS = [
  ['home-network-and-loopback.000', 'home-network-and-loopback', 5, 0],
  ['netns-and-veth.001', 'netns-and-veth', 26, 12],
  ['libvirt-networking.002', 'libvirt-networking', 20, 10],
  ['qemu-networking.003', 'qemu-networking', 102, 0],
  ['qemu-vm-to-vm.004', 'qemu-vm-to-vm', 57, 0],
] as const;

describe('a document that nobody wrote for Labwire', () => {
  it.each(DOCUMENTS)(
    '%s runs unchanged, and every output that it shows matches',
    async (name, overlayName, commands, compared) => {
      const document = shared(`documents/${name}.md`);
      if (document === undefined) return;
      const overlay = fileURLToPath(new URL(`./${overlayName}.yaml`, import.meta.url));
      const lab = readLab(document, overlay);
      let transcript = '';
      const report = new TextReport(lab, (text) => {
        transcript += text;
      });
      const result = await runLab(lab, { listener: report });
      report.finish(result);
      const expected = { commands, compared, matched: compared, failed: 0 };
      expect(result.summary, transcript).toEqual(expected);
      for (const { step, output } of result.commands)
        if (step.command.startsWith('ping '))
          expect(output, step.command).toContain('64 bytes from');
    },
  );
});
