import { ownText, shimFlag } from '../own-files.ts'

const [, , first] = process.argv
// A shim is told what to start by the runner that started it; a person who types the flag is not one.
if (first === shimFlag && process.send !== undefined) void import('../engine/process/shim/shim.ts')
else if (first === '--version' && process.argv.length === 3) process.stdout.write(`${version()}\n`)
else void answer()

/** The one question that needs none of the program. */
function version(): string {
  return (JSON.parse(ownText('program/package.json')) as { version: string }).version
}

/** Reads the command line; the code of each command is in another script. */
async function answer(): Promise<void> {
  const [{ runProgram }, { runbook }] = await Promise.all([
    import('../kit/program.ts'),
    import('../commands/index.ts'),
  ])
  await runProgram(runbook)
}
