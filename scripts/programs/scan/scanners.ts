import { execa } from 'execa'
import { failure, success } from '../../../runner/model/problem.ts'
import type { Outcome } from '../../../runner/model/problem.ts'
import { lastLine } from '../../../runner/model/last-line.ts'

/** A program that looks for weaknesses and prints a report on standard output. */
interface Scanner {
  argv: readonly string[]
  /** Exit codes after which the report is whole; every other one is a crash. */
  whole: readonly number[]
  install: string
}

export const scanners = {
  'npm-audit': {
    argv: ['npm', 'audit', '--json'],
    whole: [0, 1],
    install: 'Install npm, and a lock file in the folder.',
  },
  trivy: {
    argv: ['trivy', 'filesystem', '--quiet', '--format', 'sarif', '.'],
    whole: [0],
    install: 'Install trivy; it is not in the packages of Debian.',
  },
  snyk: {
    argv: ['snyk', 'test', '--sarif'],
    whole: [0, 1],
    install: 'Install snyk (npm install -g snyk), and set SNYK_TOKEN.',
  },
} as const satisfies Record<string, Scanner>

export type ScannerName = keyof typeof scanners

/** Runs a scanner in a folder. A crash, a missing program and a time-out are problems, and never an empty report. */
export async function runScanner(
  name: ScannerName,
  folder: string,
  limitMs: number,
): Promise<Outcome<string>> {
  const { argv, whole, install }: Scanner = scanners[name]
  const [program = '', ...args] = argv
  const ran = await execa(program, args, {
    cwd: folder,
    reject: false,
    timeout: limitMs,
    stdin: 'ignore',
    maxBuffer: 100_000_000,
  })
  if (ran.code === 'ENOENT') return failure(`${program} is not installed`, { hint: install })
  if (ran.timedOut) return failure(`${program} gave no answer within ${limitMs / 1000} s`)
  if (ran.exitCode === undefined || !whole.includes(ran.exitCode))
    return failure(`${program} ended with ${ran.exitCode ?? ran.signal}: ${lastLine(ran.stderr)}`)
  return success(ran.stdout)
}
