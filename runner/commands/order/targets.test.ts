import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readTargets } from './targets.ts'

const root = mkdtempSync(join(tmpdir(), 'targets-'))
afterAll(() => rmSync(root, { recursive: true }))

const read = (file: string, text: string) => {
  writeFileSync(join(root, file), text)
  return readTargets(file, 'host', root)
}

test('names, a file of YAML and one of CSV give the same targets, and versions as they were written', async () => {
  const names = await readTargets('web-1, web-2', 'host', root)
  expect(names.ok && names.value.map(({ inputs }) => inputs)).toEqual([{ host: 'web-1' }, { host: 'web-2' }])
  const expected = [{ host: 'web-1' }, { host: 'web-2', version: '1.10', note: 'a, "b"' }]
  const yaml = await read('t.yaml', '- web-1\n- { host: web-2, version: 1.10, note: \'a, "b"\' }\n')
  expect(yaml.ok && yaml.value.map(({ inputs }) => inputs)).toEqual(expected)
  const csv = await read('t.csv', '\uFEFFhost,version,note\r\nweb-1,,\r\nweb-2,1.10,"a, ""b"""\r\n')
  expect(csv.ok && csv.value.map(({ inputs }) => inputs)).toEqual(expected)
})

test.each([
  ['bad.yaml', 'targets: [a]\n', 'expected a list', 1],
  ['bad.yaml', '- a\n- { zone: eu }\n', 'Missing `host`', 2],
  ['bad.yaml', '- a\n- { host: b, zone: [x] }\n', 'Invalid value of `zone`', 2],
  ['bad.yaml', '- a\n- { host: b\n', 'Invalid YAML', 2],
  ['bad.yaml', '- a\n- b\n- a\n', 'Duplicate target `a`', 3],
  ['bad.yaml', '- a\n-\n', 'Missing `host`', 2],
  ['bad.csv', 'host,zone\na,eu\n,us\n', 'Missing `host`', 3],
  ['bad.csv', 'host,zone\na,eu,more\n', 'Invalid CSV', 2],
  ['bad.csv', 'host\n"a\n', 'Invalid CSV', 2],
])('%s with %j is refused with its line: %s', async (file, text, words, line) => {
  const outcome = await read(file, text)
  const problem = outcome.ok ? undefined : outcome.problem
  expect(problem?.message).toContain(words)
  expect(problem?.place?.file).toBe(file)
  expect(problem?.place?.line).toBeGreaterThanOrEqual(line)
})

test.each([
  ['none.csv', 'does not exist'],
  ['a,,b', 'Empty name'],
  ['a,b,a', 'Duplicate target `a`'],
])('%s is refused: %s', async (text, words) => {
  const outcome = await readTargets(text, 'host', root)
  expect(outcome.ok ? '' : outcome.problem.message).toContain(words)
})
