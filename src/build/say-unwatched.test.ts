import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sayUnwatched } from './say-unwatched.ts'

function watcherOf(watched: Record<string, string[]>) {
  return Object.assign(new EventEmitter(), { getWatched: () => watched })
}

test.each([
  ['ENOSPC', 'max_user_watches'],
  ['EMFILE', 'max_user_instances'],
  ['EACCES', 'permission denied'],
])('a folder that the system refuses to watch with %s is named once, with what to do', (code, words) => {
  const said: string[] = []
  const watcher = watcherOf({ '/w/content': [] })
  watcher.on('error', () => said.push('a line for each file'))
  sayUnwatched(watcher, '/w/content', (sentence) => said.push(sentence))
  for (const _ of [1, 2]) watcher.emit('error', Object.assign(new Error('permission denied'), { code }))
  expect(said).toEqual([expect.stringContaining(words)])
  expect(said[0]).toMatch(
    /^Changes in \/w\/content are not seen: .*\. Then start `runbook site dev` again\.$/,
  )
})

test('a folder that the watcher skips is named, and one that it watches is not', async () => {
  const said: string[] = []
  const here = import.meta.dirname
  const watcher = watcherOf({ [here]: ['a.mdx'] })
  for (const folder of [here, join(here, 'not-there')])
    sayUnwatched(watcher, folder, (sentence) => said.push(sentence), 0)
  const told = new Promise<void>((resolve) =>
    sayUnwatched(watcher, join(here, '..'), (sentence) => resolve(void said.push(sentence)), 0),
  )
  await told
  expect(said).toEqual([expect.stringContaining(`Changes in ${join(here, '..')} are not seen`)])
})
