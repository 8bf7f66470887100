import { expect, it } from 'vitest';
import { loadLibc, NoLibc } from './libc.ts';

it('names the package that it needs where that is not installed', async () => {
  const missing = loadLibc(() => Promise.reject(new Error('ERR_MODULE_NOT_FOUND')));
  await expect(missing).rejects.toThrow(NoLibc);
  await expect(missing).rejects.toThrow('needs the package koffi, which is not installed');
});
