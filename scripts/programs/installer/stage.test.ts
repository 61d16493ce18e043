import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withStage } from './stage.ts'

test('the folder of the work is there while it goes on, and gone after its end and after a failure', async () => {
  const folder = await withStage((stage) => {
    expect(existsSync(stage)).toBe(true)
    return Promise.resolve(stage)
  })
  expect(existsSync(folder)).toBe(false)
  let failed = ''
  const failing = withStage((stage) => {
    failed = stage
    return Promise.reject(new Error('no tool'))
  })
  await expect(failing).rejects.toThrow('no tool')
  expect(existsSync(failed)).toBe(false)
})

test('a signal ends the work, and leaves neither its folder nor one within', async () => {
  const module = JSON.stringify(join(import.meta.dirname, 'stage.ts'))
  const script = `import { withStage } from ${module}
await withStage((outer) => withStage(async (inner) => {
  console.log(outer + '\\n' + inner)
  await new Promise((end) => setTimeout(end, 60_000))
}))`
  const args = ['--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const folders = String(text).trim().split('\n')
  expect(folders.map((folder) => existsSync(folder))).toEqual([true, true])
  child.kill('SIGINT')
  expect(await once(child, 'close')).toEqual([130, null])
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false])
})
