import { expect, test } from 'vitest'
import { runTool } from './tool.ts'

test('a program that takes too long fails with the time it took, and one that fails with its code', async () => {
  await expect(runTool('sleep', ['60'], { limitMs: 20 })).rejects.toThrow('sleep took longer than 0.02 s')
  await expect(runTool('sh', ['-c', 'echo why >&2; exit 3'])).rejects.toThrow('sh ended with 3: why')
  await expect(runTool('sh', ['-c', 'kill -9 $$'])).rejects.toThrow('sh ended with a signal')
})
