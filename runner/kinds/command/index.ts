import * as z from 'zod'
import { defineKind, fence } from '../kind.ts'
import { processResult, processView } from '../process-result.ts'
import { commonParams } from '../../model/steps/common-params.ts'
import { once } from '../../model/once.ts'
import type { View } from '../../model/view.ts'

const params = once(() =>
  z.object({
    outputs: z
      .string()
      .optional()
      .describe('Names of the values the script writes to $RUNBOOK_OUTPUT, separated by commas.'),
    cwd: z
      .string()
      .optional()
      .describe('Working directory, relative to where the run was started. Default: that directory.'),
    effect: z
      .enum(['read', 'write'])
      .default('write')
      .describe('`read` when the script changes nothing. Default: write.'),
    tty: z
      .boolean()
      .default(false)
      .describe(
        'Gives the script a terminal, for programs that ask or draw, and records it. Default: false.',
      ),
    timeout: commonParams().shape.timeout,
  }),
)

export const command = defineKind({
  name: 'command',
  summary: 'Runs a script.',
  reference: {
    example: [
      '<Command id="tag" title="Tag the release" outputs="sha" timeout="1m">',
      '',
      '```bash',
      'git tag -a "v$version" -m "Release $version"',
      'echo "sha=$(git rev-parse "v$version^{commit}")" >> "$RUNBOOK_OUTPUT"',
      '```',
      '',
      '```bash done',
      'test "$(git cat-file -t "v$version")" = tag',
      '```',
      '',
      '```bash undo',
      'git tag -d "v$version"',
      '```',
      '',
      '</Command>',
    ].join('\n'),
    notes: [
      'Inputs and outputs reach the script as environment variables of the same lower-case name. Bash runs with `-euo pipefail`; a first line `#!` chooses another interpreter. The run reports a missing interpreter before its first step.',
      'A background process of the script ends with the script, and the result says so. To keep the process, start it in a session of its own, with its output in a file: `setsid my-server > server.log 2>&1 &`. The end of the run and `runbook doctor` then report it as left running.',
      'The `done` fence only reads. Exit 0: done. Exit 1: not done. Any other code: unknown. The `dry` fence only reads too, and a dry run shows its output.',
      'With `tty` the script has a terminal of its own. The operator types into it, standard output and standard error are one, and its output is recorded with times. Ctrl-C goes to the script; press Ctrl-] three times to stop the run. Without an operator at a terminal, the script has one of 80 × 24 characters, and reads the end of its input. `tty` needs the optional package `@lydell/node-pty`.',
    ],
  },
  get params() {
    return params()
  },
  body: {
    fences: [
      { role: 'main', languages: 'script', required: true },
      { role: 'done', languages: 'script' },
      { role: 'undo', languages: 'script' },
      { role: 'dry', languages: 'script' },
    ],
  },
  effect: ({ effect }) => effect,
  async run({ cwd, timeout, tty }, context) {
    const script = fence(context.step, 'main')
    if (!script) throw new TypeError(`Step \`${context.step.id}\` has no script`)
    return processResult(await context.process({ script, cwd, timeoutMs: timeout, tty }))
  },
  view(_, step, outcome) {
    const labels = { main: undefined, done: 'done when', undo: 'undo', dry: 'dry run' } as Record<
      string,
      string | undefined
    >
    const scripts = step.fences.map(({ role, code, lang }): View => {
      const label = labels[role]
      return { type: 'code', code, lang, ...(label === undefined ? {} : { label }) }
    })
    return outcome ? processView(outcome) : scripts
  },
})
