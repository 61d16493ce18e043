import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { expand } from './alerts/rule-files.ts'
import { readTree } from './alerts/pages/page-tree.ts'
import { otherDocuments } from './commands/shared/other-documents.ts'
import { filesBelow } from './files-below.ts'
import { listEntries } from './library.ts'

/** A folder with a file of each kind, and links to itself, to the root of all, to a file and to nothing. */
function folderOfLinks(): string {
  const folder = mkdtempSync(join(tmpdir(), 'files-below-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'in/node_modules'), { recursive: true })
  for (const name of ['a.yaml', 'b.md', 'c.rst', 'in/d.md', 'in/node_modules/e.md'])
    writeFileSync(join(folder, name), '')
  for (const name of ['x', 'y', 'in/x', 'in/y']) symlinkSync(folder, join(folder, name))
  symlinkSync('/', join(folder, 'root'))
  symlinkSync('b.md', join(folder, 'link.md'))
  symlinkSync('circle.md', join(folder, 'circle.md'))
  symlinkSync('nothing.md', join(folder, 'dangling.md'))
  return folder
}

test('links to folders are not entered, links to files are files, and the rest is left out', () => {
  const folder = folderOfLinks()
  const names = ['a.yaml', 'b.md', 'c.rst', 'in/d.md', 'link.md']
  expect(filesBelow(folder, (name) => name === 'node_modules')).toEqual(
    names.map((name) => join(folder, name)),
  )
})

test('rules, pages and other documents are found in a folder whose links lead around in circles', () => {
  const folder = folderOfLinks()
  expect(expand('.', folder)).toEqual([join(folder, 'a.yaml')])
  expect(readTree(folder, folder).pages.map(({ file }) => file)).toEqual(['b.md', 'in/d.md', 'link.md'])
  expect(otherDocuments(folder)).toMatchObject([{ ending: '.rst', count: 1 }])
})

test('a link that leads to itself is a document that cannot be read, and the others are found', () => {
  const folder = folderOfLinks()
  rmSync(join(folder, 'root'))
  expect(listEntries(folder).map(({ slug }) => slug)).toEqual(['b', 'circle', 'dangling', 'in/d', 'link'])
})
