import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { areSimpleCommands } from './simple-commands.ts'

test.each(['kubectl get pods -n "$NAMESPACE"', 'a | b -c\n# note\nd', 'curl \\\n  -s x', "echo 'a b'"])(
  '%j needs no shell to be read',
  (code) => expect(areSimpleCommands(code)).toBe(true),
)

test.each(['echo "', 'if true', 'a (', 'x | for', 'a; b', '$(x)', 'done', 'a &&', "echo 'x", '}', 'a | | b'])(
  '%j is left to a shell',
  (code) => expect(areSimpleCommands(code)).toBe(false),
)

test('bash and sh can read every script that is left out', () => {
  const piece = fc.constantFrom(
    'a',
    '-n',
    'x=1',
    '"$A b"',
    '"${A:?}"',
    "'#'",
    '|',
    '\n',
    ' ',
    '\\\n',
    '# c\n',
    'do',
    '"',
    ';',
    '(',
    '<',
  )
  const scripts = fc
    .sample(fc.array(piece, { maxLength: 8 }), { numRuns: 3000, seed: 1 })
    .map((pieces) => pieces.join(' '))
    .filter(areSimpleCommands)
  expect(scripts.length).toBeGreaterThan(200)
  for (const shell of ['bash', 'sh']) {
    // Each is a function of its own, so one shell reads them all.
    const text = scripts.map((script, index) => `f${index}() {\n:\n${script}\n}`).join('\n')
    expect(spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    })
  }
})
