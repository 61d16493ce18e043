import { readFileSync } from 'node:fs'
import { unified } from '@astrojs/markdown-remark'
import type { Node, Root } from 'mdast'
import { expect, test } from 'vitest'
import { extract } from '../../runner/model/steps/extract.ts'
import { splitFrontmatter } from '../../runner/model/text/frontmatter.ts'
import { parseMdx } from '../../runner/model/text/parse.ts'
import { kinds } from '../../runner/kinds/all.ts'

const file = 'test/fixtures/site/hard.mdx'
const source = readFileSync(file, 'utf8')

/** The tree a plugin is given by Astro's own MDX pipeline. */
async function siteTree(): Promise<Root> {
  let seen: Root | undefined
  const capture = () => (tree: Root) => {
    seen = structuredClone(tree)
    tree.children = []
  }
  const processor = unified({ smartypants: false, remarkPlugins: [capture as never] })
  const renderer = await processor.createMdxRenderer?.({ syntaxHighlight: false } as never, {} as never)
  await renderer?.process(splitFrontmatter(source).body, `${process.cwd()}/${file}`, {})
  if (!seen) throw new Error('the plugin did not run')
  return seen
}

function runnerTree(): Root {
  const parsed = parseMdx(splitFrontmatter(source).body, file)
  if ('problem' in parsed) throw new Error(parsed.problem.message)
  return parsed.tree
}

/** Every node on a line: type, position, and what it says. */
function outline(node: Node & { children?: Node[]; value?: string; name?: string }, depth = 0): string[] {
  const { start, end } = node.position ?? {}
  const at = start && end ? `${start.line}:${start.column}-${end.line}:${end.column}` : 'nowhere'
  const line = `${'  '.repeat(depth)}${node.type} ${at} ${JSON.stringify(node.value ?? node.name ?? '')}`
  return [line, ...(node.children ?? []).flatMap((child) => outline(child, depth + 1))]
}

test('the site sees the tree the runner sees, position by position', async () => {
  expect(outline(await siteTree())).toEqual(outline(runnerTree()))
})

test('the sample is hard enough to mean something', () => {
  const { steps } = extract(runnerTree(), source, file, kinds)
  expect(steps.map(({ id }) => id)).toEqual(['one', 'two', 'three', 'four'])
  expect(outline(runnerTree()).length).toBeGreaterThan(60)
})
