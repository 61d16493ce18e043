import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { readSession } from './session.ts'

vi.setConfig({ testTimeout: 60_000 })

const commands = (text: string): string | undefined => readSession(text)?.code

test('prompts are stripped and output is dropped', () => {
  expect(commands('$ ls\na.txt\n$ pwd\n/tmp')).toBe('ls\npwd')
})

test.each([
  ['user@host:~/x$ ls', 'ls'],
  ['[root@node-1 ~]# df -h', 'df -h'],
  ['(venv) $ pip list', 'pip list'],
  ['# df -h\nFilesystem', 'df -h'],
  ['worker$ df -h\nFilesystem', 'df -h'],
  ['web-1:/srv$ ls\nUSD$ 5', 'ls'],
  ['$> knife ssh role:web uptime\nup', 'knife ssh role:web uptime'],
  ['user@host ~ % ls', 'ls'],
  ['user@host /var/log % ls', 'ls'],
  ['➜  ~ ls', 'ls'],
  ['➜  app git:(main) ✗ ls', 'ls'],
  ['host% ls', undefined],
  ['PS C:\\> Get-Date', undefined],
  ['node-m001# ceph -s\n  cluster:\n    id: 1\nnode-m001# df -h', 'ceph -s\ndf -h'],
  ['node-s001:~ # ceph -s\nok', 'ceph -s'],
  ['cat <<E\nnode# x\nE', undefined],
])('the prompt of %j is known', (text, code) => {
  expect(commands(text)).toBe(code)
})

test.each([
  ['a backslash', '$ kubectl get \\\n  pods\nNAME', 'kubectl get \\\n  pods'],
  ['an open quote', '$ patch -p \'{\n  "a": 1\n}\'\npatched', 'patch -p \'{\n  "a": 1\n}\''],
  ['a here-document', '$ cat <<EOF\n$ not a prompt\nEOF\nout', 'cat <<EOF\n$ not a prompt\nEOF'],
  ['a pipe', '$ ls |\n  wc -l\n3', 'ls |\n  wc -l'],
  ['a loop', '$ for x in a; do\n  echo $x\ndone\na', 'for x in a; do\n  echo $x\ndone'],
])('a command goes on over %s', (_, text, code) => {
  expect(commands(text)).toBe(code)
})

test('every line kept is a line of the text, with its number', () => {
  const lines = fc.array(
    fc.constantFrom('$ ls', 'out', '$ a \\', '> b', "$ echo '", "'", '# x', '', '$ cat <<E', 'E'),
  )
  fc.assert(
    fc.property(lines, (block) => {
      const session = readSession(block.join('\n'))
      for (const [index, text] of (session?.code.split('\n') ?? []).entries())
        expect(block[session?.lines[index] ?? -1]).toContain(text)
    }),
  )
})

test.each([
  ['sh-5.1$ df -h\nFilesystem', 'df -h'],
  ['sh-4.4# etcdctl member list', 'etcdctl member list'],
  ['/ # ls\nbin', 'ls'],
  ['PS /home/user> az group list', 'az group list'],
  ['❯ make', 'make'],
])('the prompt of a shell without a host in %j is stripped', (text, code) => {
  expect(commands(text)).toBe(code)
})

test('a command typed into a second shell is set apart, not run in the first', () => {
  expect(readSession('$ oc rsh pod\nsh-5.1$ df -h\nFilesystem')).toEqual({
    code: 'oc rsh pod',
    lines: [0],
    inner: [1],
  })
})
