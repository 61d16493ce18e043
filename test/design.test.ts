import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

test('the design page says of every package what it is for, and names none that is not there', () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Record<string, Record<string, string>>
  const chapter =
    readFileSync(join(root, 'content/docs/design.mdx'), 'utf8').split('## Dependencies')[1] ?? ''
  const rows = [...chapter.matchAll(/^\| (?!package|---)([^|]+) \|/gm)].flatMap(([, names = '']) =>
    names.replace(' (optional)', '').split(', '),
  )
  expect(rows.toSorted()).toEqual(Object.keys({ ...dependencies, ...optionalDependencies }).toSorted())
  for (const name of Object.keys(devDependencies ?? {}))
    expect(chapter).toContain(name.startsWith('@types/') && name !== '@types/mdast' ? '`@types`' : name)
})

test('the design page lists every decision record in order, and no number stands twice', () => {
  const records = readdirSync(join(root, 'content/docs/decisions')).toSorted()
  const page = readFileSync(join(root, 'content/docs/design.mdx'), 'utf8')
  expect([...page.matchAll(/\(decisions\/([^)]+)\)/g)].map(([, file]) => file)).toEqual(records)
  const numbers = records.map((file) => file.slice(0, 4))
  expect(numbers).toEqual([...new Set(numbers)])
})
