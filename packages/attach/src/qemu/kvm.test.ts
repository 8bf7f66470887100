import { expect, it } from 'vitest';
import { needsKvm, withoutKvm } from './kvm.ts';

it.each([
  ['-enable-kvm -m 512', '-m 512'],
  ['-accel kvm -m 512', '-m 512'],
  ['-accel kvm,kernel-irqchip=off -m 512', '-m 512'],
  ['-machine q35,accel=kvm -m 512', '-machine q35,accel=tcg -m 512'],
  ['-enable-kvm -cpu host -smp 2', '-cpu max -smp 2'],
])('%s is %s for plain emulation', (words, plain) => {
  expect(needsKvm(words.split(' '))).toBe(true);
  expect(withoutKvm(words.split(' '))).toEqual(plain.split(' '));
});

it.each([
  '-m 512 -cpu qemu64',
  '-machine q35,accel=kvm:tcg',
  '-accel tcg',
  '-name kvm -hda enable-kvm.img',
])('%s does without KVM', (words) => {
  expect(needsKvm(words.split(' '))).toBe(false);
});
