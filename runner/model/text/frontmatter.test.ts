import { expect, test } from 'vitest'
import { readFrontmatter } from './frontmatter.ts'

const read = (yaml: string) => readFrontmatter(`title: x\n${yaml}`, 'a.mdx')

test('a runbook declares the figure in which its runs count', () => {
  expect(read('counts: release').meta).toMatchObject({ counts: 'release' })
  expect(read('counts: flag-rollout\ninputs:\n  flag: {}').meta).toMatchObject({ counts: 'flag-rollout' })
})

test('a figure that does not exist, and one of flags without the input `flag`, are refused at their place', () => {
  const [unknown] = read('counts: relase').diagnostics
  expect(unknown).toMatchObject({ code: 'invalid-frontmatter', place: { line: 3 } })
  const [without] = read('counts: flag-rollout').diagnostics
  expect(without).toMatchObject({
    place: { line: 3 },
    message: expect.stringContaining('input `flag`') as string,
  })
})

test('the language of a page is a tag, and another text is refused at its place', () => {
  expect(read('lang: zh-CN').meta).toMatchObject({ lang: 'zh-CN' })
  expect(read('lang: 中文').diagnostics).toMatchObject([
    {
      code: 'invalid-frontmatter',
      place: { line: 3 },
      message: expect.stringContaining('expected a tag such as `de` or `zh-CN`') as string,
    },
  ])
})

test('a public variable that no list declares is refused at its place', () => {
  const requires = (name: string) =>
    `requires:\n  env: [TOKEN]\n  optionalEnv: [REGION]\n  publicEnv: [REGION, ${name}]`
  expect(read(requires('TOKEN')).diagnostics).toEqual([])
  expect(read(requires('REGOIN')).diagnostics).toMatchObject([
    {
      place: { line: 6 },
      message: expect.stringContaining('Unexpected variable `REGOIN` in publicEnv') as string,
    },
  ])
})
