import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The package as a user installs it; not where `npm run bench` and `npm pack` may be making theirs just now. */
export const testedFolder = join(import.meta.dirname, '../../dist/tested')

/** Path of the program as one file, when `RUNBOOK_TESTED` names it: then that is under test. */
export const singleFile = process.env['RUNBOOK_TESTED']

/** Becomes the single file, as the same process, where a test starts the program with Node. */
export const launcher = join(testedFolder, 'launch.mjs')

/** The real program, as it is installed; Node starts it. */
export const binary = singleFile === undefined ? join(testedFolder, 'bin', 'main.mjs') : launcher

export interface Ran {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Workspace {
  root: string
  write(path: string, text: string): void
  /** Runs the program in the folder, or in one below it, without a terminal and with standard input at its end. */
  runbook(args: readonly string[], env?: Record<string, string>, folder?: string): Promise<Ran>
  [Symbol.dispose](): void
}

/** A folder of its own with the given files, gone at the end of the test: `using space = workspace({ … })`. */
export function workspace(files: Record<string, string>): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'runbook-test-'))
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  return {
    root,
    write,
    runbook: (args, env = {}, folder = '.') => runIn(join(root, folder), args, env),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** A runbook of one page: frontmatter with a title, then the steps. */
export function page(steps: string, frontmatter = ''): string {
  return `---\ntitle: Test\n${frontmatter}---\n\n## Phase\n\n${steps}\n`
}

/** A `Command` step around a bash fence. */
export function commandStep(id: string, script: string, attributes = '', more = ''): string {
  return `<Command id="${id}" title="Step ${id}" ${attributes}>\n\n\`\`\`bash\n${script}\n\`\`\`\n${more}\n</Command>\n`
}

/** Runs the program in a folder, without a terminal, with standard input at its end. */
export function runIn(
  cwd: string,
  args: readonly string[],
  env: Record<string, string>,
  program = binary,
): Promise<Ran> {
  const actor = { RUNBOOK_ACTOR: 'alice@example.com' }
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, ...actor, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) =>
      resolve({
        code,
        signal,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    )
  })
}
