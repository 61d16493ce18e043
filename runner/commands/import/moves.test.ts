import { expect, it } from 'vitest'
import { targetsOf } from './moves.ts'

const id = (digit: string): string => digit.repeat(32)

it('names the results of pages of Notion without their ids, unless two would have one name', () => {
  const paths = [
    `/n/Ops ${id('a')}.md`,
    `/n/Ops ${id('a')}/Restart ${id('b')}.md`,
    `/n/Ops ${id('a')}/Notes ${id('c')}.md`,
    `/n/Ops ${id('a')}/notes ${id('d')}.md`,
  ]
  expect([...targetsOf(paths, '/n', '/out').values()]).toEqual([
    '/out/Ops.mdx',
    '/out/Ops/Restart.mdx',
    `/out/Ops ${id('a')}/Notes ${id('c')}.mdx`,
    `/out/Ops ${id('a')}/notes ${id('d')}.mdx`,
  ])
})
