import { fetchByProxy } from '../runner/engine/process/http-proxies.ts'
import { defineCommand, defineProgram, flag, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { duration, filePath } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { readDashboards } from '../runner/status/dashboards.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { messageOf } from './lib/errors.ts'

const check = defineCommand({
  name: 'check',
  summary:
    'Check the form of every link; with --probe also that each answers. Exits with 1 when one does not.',
  args: {},
  options: {
    file: withDefault(filePath('file'), 'content/links.yaml', 'yaml.'),
    probe: flag('Ask each address. Without it nothing is asked of the network.'),
    timeout: withDefault(duration(), '5s', 'Longest time for an answer.'),
  },
  effect: 'read',
  examples: ['runbook links', 'runbook links --probe'],
  async run({ options }): Promise<CommandReport> {
    const limit = options.timeout
    const dashboards = read(options.file)
    const links = await Promise.all(
      dashboards.map(async (one) => ({
        ...one,
        problem: options.probe ? await problemOf(one.url, limit) : '',
      })),
    )
    const ok = links.every(({ problem }) => problem === '')
    const lines = links.map(
      ({ name, url, problem }) =>
        `${problem === '' ? '✓' : '✕'} ${name}  ${url}${problem && `: ${problem}`}\n`,
    )
    const asked = options.probe ? '' : 'Nothing was asked; --probe asks each.\n'
    return {
      document: { ok, links },
      text: lines.join('') + asked,
      exitCode: ok ? 0 : 1,
      hint: 'Correct the address in the file, or start what it leads to.',
    }
  },
})

function read(file: string): ReturnType<typeof readDashboards> {
  try {
    return readDashboards(file)
  } catch (error) {
    throw new CliError(
      exit.failed,
      `The links cannot be read: ${messageOf(error)}`,
      'Correct the file, then try again.',
    )
  }
}

async function problemOf(url: string, limitMs: number): Promise<string> {
  try {
    const answer = await fetchByProxy(url, { signal: AbortSignal.timeout(limitMs) })
    await answer.body?.cancel()
    return answer.ok ? '' : `it answered ${answer.status}`
  } catch (error) {
    return messageOf(error)
  }
}

export const program = defineProgram({
  name: 'runbook links',
  summary: 'Check the dashboards that pages lead to. Only reads.',
  commands: [check],
  fallback: 'check',
})

if (import.meta.main) await runProgram(program)
