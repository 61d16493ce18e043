import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
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

/** The tracked files that end as a pattern says. */
function tracked(ending: RegExp): string[] {
  const listed = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  return listed.split('\n').filter((file) => ending.test(file) && existsSync(join(root, file)))
}

/** The folder of the runner that has a file; undefined for the files beside the folders. */
function folderOf(path: string): string | undefined {
  return /^runner\/([\w-]+)\//.exec(path)?.[1]
}

/** The folders of the runner that each of them imports from, without tests. */
function importedFolders(): Map<string, Set<string>> {
  const imported = new Map<string, Set<string>>()
  for (const file of tracked(/^runner\/.*(?<!\.test)\.(ts|mjs)$/)) {
    const from = folderOf(file)
    if (from === undefined) continue
    const others = imported.get(from) ?? new Set<string>()
    imported.set(from, others)
    for (const [, target = ''] of readFileSync(join(root, file), 'utf8').matchAll(
      /(?:from|import\() ?'(\.[^']+)'/g,
    )) {
      const to = folderOf(join(file, '..', target))
      if (to !== undefined && to !== from) others.add(to)
    }
  }
  return imported
}

test('the design page says of every folder of the runner which others it imports', () => {
  const page = readFileSync(join(root, 'content/docs/design.mdx'), 'utf8')
  const rows = [...page.matchAll(/^\| (`runner\/[^|]+) \|[^|]+\| ([^|]+) \|$/gm)].map(
    ([, names = '', imports = '']) => ({
      folders: [...names.matchAll(/`runner\/([\w-]+)`/g)].map(([, name = '']) => name),
      imports,
    }),
  )
  const imported = importedFolders()
  expect(rows.flatMap(({ folders }) => folders).toSorted()).toEqual([...imported.keys()].toSorted())
  for (const { folders, imports } of rows) {
    if (imports === 'everything but the site') continue
    const others = new Set(folders.flatMap((folder) => [...(imported.get(folder) ?? [])]))
    for (const folder of folders) others.delete(folder)
    expect([...others].toSorted(), folders.join(', ')).toEqual(
      imports === 'none' ? [] : imports.split(', ').toSorted(),
    )
  }
})

test('the map for contributors names every folder of the runner', () => {
  const map = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  const folders = readdirSync(join(root, 'runner'), { withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  )
  expect(
    folders.map(({ name }) => `runner/${name}`).filter((folder) => !map.includes(`\`${folder}\``)),
  ).toEqual([])
})

test('every path of the sources that a page of the project names exists', () => {
  const pages = tracked(/^(CONTRIBUTING|SECURITY|README)\.md$|^content\/docs\/.*\.mdx?$/)
  const missing = pages.flatMap((page) =>
    [
      ...readFileSync(join(root, page), 'utf8').matchAll(
        /`((?:runner|scripts|src|test|packaging|schemas)\/[\w./-]+)`/g,
      ),
    ]
      .map(([, path = '']) => path)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
  )
  expect(missing).toEqual([])
})

test('the page about people names every field of an entry', () => {
  const page = readFileSync(join(root, 'content/docs/people.md'), 'utf8')
  const { properties } = JSON.parse(readFileSync(join(root, 'schemas/people.schema.json'), 'utf8')) as {
    properties: { people: { additionalProperties: { properties: object } } }
  }
  const fields = Object.keys(properties.people.additionalProperties.properties)
  expect(fields).toContain('roles')
  expect(fields.filter((field) => !page.includes(`| \`${field}\` |`))).toEqual([])
})

test('folders are made by one call alone: the recursive one of Node does not end below /proc', () => {
  const sources = tracked(/^(runner|scripts|src)\/.*(?<!\.test)\.(ts|mjs|astro)$/)
  const recursive = /\bmkdir(Sync)?\([^;\n]*recursive/
  expect(sources.filter((file) => recursive.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})
