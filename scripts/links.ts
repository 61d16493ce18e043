import { readDashboards } from '../runner/status/dashboards.ts'
import { COMMON } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { Failure, messageOf } from './lib/failure.ts'
import { runProgram } from './lib/program.ts'
import { duration } from './lib/values.ts'

const check = command({
  summary:
    'checks the form of every link; with --probe also that each answers. Exits with 1 when one does not.',
  options: {
    file: { type: 'string', value: 'FILE', help: 'Default content/links.yaml.' },
    probe: { type: 'boolean', help: 'Ask each address. Without it nothing is asked of the network.' },
    timeout: { type: 'string', value: 'TIME', help: 'Longest time for an answer (default 5s).' },
    ...COMMON,
  } as const,
  examples: ['node scripts/links.ts', 'node scripts/links.ts --probe'],
  async run(values): Promise<Outcome> {
    const limit = duration(values.timeout ?? '5s', '--timeout')
    const dashboards = read(values.file ?? 'content/links.yaml')
    const links = await Promise.all(
      dashboards.map(async (one) => ({
        ...one,
        problem: values.probe === true ? await problemOf(one.url, limit) : '',
      })),
    )
    const ok = links.every(({ problem }) => problem === '')
    const lines = links.map(
      ({ name, url, problem }) =>
        `${problem === '' ? '✓' : '✕'} ${name}  ${url}${problem && `: ${problem}`}\n`,
    )
    const asked = values.probe === true ? '' : 'Nothing was asked; --probe asks each.\n'
    return {
      document: { ok, links },
      text: lines.join('') + asked,
      exitCode: ok ? 0 : 1,
      remedy: 'Correct the address in the file, or start what it leads to.',
    }
  },
})

function read(file: string): ReturnType<typeof readDashboards> {
  try {
    return readDashboards(file)
  } catch (error) {
    throw new Failure('The links cannot be read.', messageOf(error), 'Correct the file, then try again.')
  }
}

async function problemOf(url: string, limitMs: number): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(limitMs) })
    await answer.body?.cancel()
    return answer.ok ? '' : `it answered ${answer.status}`
  } catch (error) {
    return messageOf(error)
  }
}

export const program: Program = {
  name: 'node scripts/links.ts',
  summary: 'the dashboards that pages lead to. Only reads.',
  commands: { check },
  fallback: 'check',
}

if (import.meta.main) await runProgram(program)
