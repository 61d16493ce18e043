import { expect, it, test } from 'vitest'
import { foreignFormat } from './foreign-formats.ts'

const file = (path: string): { path: string; isFolder: boolean } => ({ path, isFolder: false })

test.each([
  ['.rst', '', 'reStructuredText'],
  ['.txt', 'Title\n=====\n\n.. code-block:: console\n\n   $ uptime\n', 'reStructuredText'],
  ['.adoc', '', 'AsciiDoc'],
  ['.txt', '= Title\n\nWords.\n', 'AsciiDoc'],
  ['.txt', 'Run:\n\n[source,bash]\n----\nuptime\n----\n', 'AsciiDoc'],
  ['.org', '', 'Org'],
  ['.txt', '#+TITLE: Restart\n\n* Stop\n', 'Org'],
  ['.ipynb', '', 'A Jupyter notebook'],
  ['.html', '<!DOCTYPE html>\n<html>', 'HTML'],
  [
    '.html',
    '<p>Do:</p><ac:structured-macro ac:name="code"><ac:plain-text-body>',
    'Confluence storage format',
  ],
  ['.xml', '<hibernate-generic datetime="2026-11-30">', 'Confluence storage format'],
  ['.txt', 'h1. Restart\n\n{code:bash}\nuptime\n{code}\n', 'Confluence wiki markup'],
  ['.docx', '', 'A Word document'],
  ['.zip', '', 'An archive'],
  ['.txt', 'Restart the service.\n', 'Plain text'],
  ['.yml', '- name: Restart\n  hosts: all\n  tasks: []\n', 'An Ansible playbook'],
  ['.yaml', 'apiVersion: backstage.io/v1alpha1\nkind: Component\n', 'A Backstage entity'],
  ['.yaml', 'groups:\n  - name: a\n    rules:\n      - alert: Down\n', 'A file of alert rules'],
])('%s with %j is named', (ending, text, name) => {
  expect(foreignFormat(ending, text)?.name).toBe(name)
})

test.each([
  ['a task without hosts', '- name: a\n' + '     x\n'.repeat(5_000)],
  ['blank lines', '\n'.repeat(60_000)],
  ['a line of tabs', '\t'.repeat(60_000)],
])('%s are looked through to their end', (_, text) => {
  expect(foreignFormat('.yaml', text)).toBeUndefined()
})

it('gives the line that converts a file, or each of a folder', () => {
  const format = foreignFormat('.rst')
  expect(format?.advice(file('docs/a b.rst'), '')).toBe(
    "Convert it with `pandoc -f rst -t gfm --wrap=none 'docs/a b.rst' -o 'docs/a b.md'`, then import `docs/a b.md`.",
  )
  expect(format?.advice({ path: 'docs', isFolder: true }, '')).toContain(
    `find docs -name '*.rst' -exec sh -c 'pandoc -f rst -t gfm --wrap=none "$0" -o "\${0%.*}.md"' {} \\;`,
  )
})

it('names the lines of AsciiDoc whose text the converter leaves out', () => {
  expect(foreignFormat('.adoc')?.advice(file('a.adoc'), '= A\ninclude::b.adoc[]\n')).toContain(
    'It leaves out what line 2 includes',
  )
})

it('leaves files of programs and settings alone', () => {
  for (const [ending, text] of [
    ['.yaml', 'a: 1\n'],
    ['.json', '{"a": 1}'],
    ['.go', 'package main'],
  ] as const)
    expect(foreignFormat(ending, text)).toBeUndefined()
})
