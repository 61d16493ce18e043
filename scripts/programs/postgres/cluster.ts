import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { findProgram, foldersOfPath } from '../../lib/find-program.ts'

/** How a server of PostgreSQL is reached; a password comes from PGPASSWORD or ~/.pgpass. */
export interface Connection {
  host: string
  port: number
  user: string
  database: string
}

const debianFolder = '/usr/lib/postgresql'

/** The path of a program of PostgreSQL: in PATH, or in the newest version of the packages. @throws {CliError} */
function programPath(name: string): string {
  const path = findProgram([name], [...foldersOfPath(), ...packagedFolders()])
  if (path !== undefined) return path
  throw new CliError(
    exit.failed,
    `${name} is not installed: it is neither in PATH nor in ${debianFolder}`,
    'Install PostgreSQL (Debian, Ubuntu: apt-get install postgresql).',
  )
}

function packagedFolders(): string[] {
  try {
    const versions = readdirSync(debianFolder).toSorted((a, b) => Number(b) - Number(a))
    return versions.map((version) => join(debianFolder, version, 'bin'))
  } catch {
    return []
  }
}

/** The account that servers run as. */
export interface Account {
  uid: number
  gid: number
}

/** PostgreSQL refuses to run as root: then it runs as another account. Undefined for everybody else. */
export function accountOf(name: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }))
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    throw new CliError(
      exit.usage,
      `The account \`${name}\` does not exist, and PostgreSQL does not run as root`,
      'Name another with --as.',
    )
  }
}

/** Runs a program of PostgreSQL to its end. @throws {CliError} with its last words when it fails */
export async function run(
  name: string,
  args: readonly string[],
  { account, input, cwd = '/' }: { account?: Account | undefined; input?: string; cwd?: string } = {},
): Promise<string> {
  const ran = await execa(programPath(name), args, {
    cwd,
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    env: { LC_ALL: 'C', PGCONNECT_TIMEOUT: '10', PGTZ: 'UTC' },
    ...account,
  })
  if (ran.exitCode === 0) return ran.stdout
  const said = `${ran.stderr}\n${ran.stdout}`.trim().split('\n').slice(-3).join(' ')
  throw new CliError(
    exit.failed,
    `${name} ended with ${ran.exitCode ?? ran.signal ?? ran.code}: ${said}`,
    'Correct what it names, then try again.',
  )
}

/** The rows of a query, each as its columns. */
export async function query(connection: Connection, sql: string): Promise<string[][]> {
  const text = await run(
    'psql',
    [...connectionArgs(connection), '-XAtq', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-f', '-'],
    { input: sql },
  )
  return text === '' ? [] : text.split('\n').map((line) => line.split('\t'))
}

export function connectionArgs({ host, port, user, database }: Connection): string[] {
  return ['-w', '-h', host, '-p', String(port), '-U', user, '-d', database]
}
