import { readFileSync } from 'node:fs'
import type { Nodes } from 'mdast'
import { expect, test } from 'vitest'
import { parseMarkdown, parseMdx } from './parse.ts'

const text = readFileSync('test/fixtures/site/hard.mdx', 'utf8').replace(/^---[\s\S]*?\n---\n/, '')
const plain =
  '# Übung 1_a\n\nSee www.example.com and https://example.com/a_b. *x* | `y` ~~z~~ &commat;\n\n| a |\n| - |\n| b. |\n'

function mdx(body: string): Nodes[] {
  const parsed = parseMdx(body, 'a.mdx')
  if ('problem' in parsed) throw new Error(parsed.problem.message)
  return parsed.tree.children
}

test.each([
  ['MDX', text, mdx],
  ['Markdown', plain, (body: string): Nodes[] => parseMarkdown(body).children],
])('an address of mail at the end of %s changes nothing before it', (_, body, parse) => {
  expect(body).not.toContain('@')
  const parts = parse(`${body}\nme@example.com\n`)
  expect(parts.at(-1)).toMatchObject({ children: [{ type: 'link', url: 'mailto:me@example.com' }] })
  expect(parse(body)).toEqual(parts.slice(0, -1))
})
