import { expect, test } from 'vitest'
import { nextVersion, propose, readChangeset, readCommit } from './proposal.ts'
import type { Level } from './proposal.ts'

test.each([
  ['1.4.0', 'patch', undefined, '1.4.1'],
  ['1.4.0', 'minor', undefined, '1.5.0'],
  ['1.4.0', 'major', undefined, '2.0.0'],
  ['1.5.0-rc.1', 'minor', undefined, '1.5.0'],
  ['1.4.0', 'minor', 'rc', '1.5.0-rc.0'],
  ['1.5.0-rc.0', 'minor', 'rc', '1.5.0-rc.1'],
  ['1.5.0-rc.0', 'patch', 'rc', '1.5.0-rc.1'],
  ['1.5.0-rc.0', 'major', 'rc', '2.0.0-rc.0'],
  ['1.5.0-alpha.3', 'minor', 'beta', '1.5.0-beta.0'],
] as const)('%s with a %s change, in the mode %s, becomes %s', (version, level, pre, next) => {
  expect(nextVersion(version, level, pre)).toBe(next)
})

test.each<[string, Level]>([
  ['feat: add a cart', 'minor'],
  ['feat(cart): add a button', 'minor'],
  ['fix: count the items', 'patch'],
  ['perf: count faster', 'patch'],
  ['feat!: remove the cart', 'major'],
  ['fix: rename a field\n\nBREAKING CHANGE: the field `a` is `b`', 'major'],
  ['docs: describe the cart', 'none'],
  ['Add a cart', 'none'],
])('the commit %j is a change of the level %s', (message, level) => {
  expect(readCommit('4f2a9c1', message).level).toBe(level)
})

test('a changeset moves the packages that it names, and those of their group; the largest change counts', () => {
  const changes = [
    ...readChangeset('brave-cats.md', '---\n"@shop/x": patch\n---\n\nCount the items.\n'),
    ...readChangeset('old-dogs.md', '---\n"@shop/x": minor\n"@shop/z": none\n---\n\nAdd a cart.\n'),
  ]
  const packages = ['x', 'y', 'z'].map((name) => ({
    name: `@shop/${name}`,
    version: name === 'y' ? '1.4.2' : '1.4.0',
  }))
  const table = (together: string[][]): string[] =>
    propose(packages, changes, { together }).map(({ name, level, next }) => `${name} ${level} ${next}`)
  expect(table([])).toEqual(['@shop/x minor 1.5.0', '@shop/y none 1.4.2', '@shop/z none 1.4.0'])
  expect(table([['@shop/x', '@shop/y']])).toEqual([
    '@shop/x minor 1.5.0',
    '@shop/y minor 1.5.0',
    '@shop/z none 1.4.0',
  ])
  expect(propose(packages, changes)[0]?.because).toEqual([
    'brave-cats.md: Count the items.',
    'old-dogs.md: Add a cart.',
  ])
})

test('a changeset of another form, or about a package that is not there, is refused by name', () => {
  expect(() => readChangeset('a.md', '---\n"x": huge\n---\n')).toThrow('.changeset/a.md is not a changeset')
  expect(() => readChangeset('a.md', 'no head')).toThrow('.changeset/a.md is not a changeset')
  const changes = readChangeset('a.md', '---\n"gone": patch\n---\nx')
  expect(() => propose([{ name: 'x', version: '1.0.0' }], changes)).toThrow(
    'the package `gone`, which is not there',
  )
})
