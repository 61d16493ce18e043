import { expect, it } from 'vitest'
import { buildProblem } from './build-problem.ts'

it('says the findings of a build with their hints alone', () => {
  const message =
    'The site is not built:\nrunbooks/a.mdx:5:1: error: Expected a closing tag\n  hint: Close the element.'
  expect(buildProblem(new Error(message), '/team')).toEqual({ message })
})

it('puts the place of an error of Astro before it, and keeps its hint', () => {
  const error = Object.assign(new Error('Unexpected token'), {
    hint: 'Close the brace.',
    loc: { file: '/team/docs/a.mdx', line: 3, column: 7 },
  })
  expect(buildProblem(error, '/team')).toEqual({
    message: 'docs/a.mdx:3:7: Unexpected token',
    hint: 'Close the brace.',
  })
  expect(buildProblem({ message: 'No title', loc: { file: '/team/b.md' } }, '/team').message).toBe(
    'b.md: No title',
  )
})

it('says what to do about any other error', () => {
  expect(buildProblem(new Error('No space'), '/team').hint).toBe('Correct it, and call this again.')
})
